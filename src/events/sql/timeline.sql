-- What happened to an order and to what hangs from it, oldest first. Whoever just changed the order sees that at
-- once, so this does not stop at the log's horizon.
select position, id, type, aggregate_type, aggregate_id, sequence, occurred_at, actor, data
from events
where tenant = :tenant
  and order_id = :id
  and position > :after_key --? after_key
order by position
limit :limit
