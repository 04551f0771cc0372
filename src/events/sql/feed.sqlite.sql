-- The tenant's events in the order they were committed, for who follows the log.
select position, id, type, aggregate_type, aggregate_id, sequence, occurred_at, actor, data
from events
where tenant = :tenant
  and position > :after                                        --? after
  and exists (select 1 from json_each(:types) as wanted        --? types
              where events.type glob wanted.value)             --? types
  and actor = :actor                                           --? actor
  and actor <> 'system'                                        --? somebody
  and aggregate_type = :aggregate_type                         --? aggregate_type
  and aggregate_id = :aggregate_id                             --? aggregate_id
  and order_id = :order_id                                     --? order_id
  and position > :after_key                                    --? after_key
order by position
limit :limit
