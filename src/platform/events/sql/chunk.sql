-- The next events of all tenants in the order they were committed, for a consumer.
select position, tenant, id, type, sequence, aggregate_type, aggregate_id, order_id, data, actor,
       occurred_at
from events
where position > :position
  and position < log_horizon()
order by position
limit :most
