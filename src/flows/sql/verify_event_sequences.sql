-- The events of each aggregate are numbered without holes or doubles, from 1 unless retention has forgotten the first.
select tenant, aggregate_type, aggregate_id,
       'it has ' || count(*) || ' events, the last numbered ' || max(sequence)
from events
group by tenant, aggregate_type, aggregate_id
having count(*) <> max(sequence) - min(sequence) + 1 or count(distinct sequence) <> count(*)
    or (min(sequence) <> 1 and not exists (select 1 from cursors where name = 'forgotten'))
