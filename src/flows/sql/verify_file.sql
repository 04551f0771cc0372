-- The database itself is sound: what should hold is held to, and the log has no event that readers cannot see yet.
select 0, 'indexes', cast(indexrelid::regclass as text), 'it is not valid'
from pg_index
where not indisvalid
union all
select 0, cast(conrelid::regclass as text), cast(conname as text), 'it is not enforced on older rows'
from pg_constraint
where not convalidated
union all
select 0, 'events', cast(last as text), 'it lies beyond the end of the log'
from (select max(position) as last from events) as ends
where last >= (select base from log_epoch) +
              (cast(cast(pg_snapshot_xmax(pg_current_snapshot()) as text) as bigint) << 20)
