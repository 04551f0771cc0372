-- What happened to an order and to what hangs from it, oldest first.
select position, id, type, aggregate_type, aggregate_id, sequence, occurred_at, actor, data
from events
where tenant = :tenant
  and order_id = :id
  and position < log_horizon()
  and position > :after_key --? after_key
order by position
limit :limit
