-- The events of each aggregate are numbered from 1 without holes or doubles.
select tenant, aggregate_type, aggregate_id,
       'it has ' || count(*) || ' events, the last numbered ' || max(sequence)
from events
group by tenant, aggregate_type, aggregate_id
having count(*) <> max(sequence) or count(distinct sequence) <> count(*)
