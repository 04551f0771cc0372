-- The tenant's events in the order they were committed, for who follows the log.
select position, id, type, aggregate_type, aggregate_id, sequence, occurred_at, actor, data
from events
where tenant = :tenant
  and position < log_horizon()
  and position > :after                                                             --? after
  and type like any (array(select replace(replace(wanted, '_', '\_'), '*', '%')     --? types
                           from jsonb_array_elements_text(:types) as wanted))       --? types
  and actor = :actor                                                                --? actor
  and actor <> 'system'                                                             --? somebody
  and aggregate_type = :aggregate_type                                              --? aggregate_type
  and aggregate_id = :aggregate_id                                                  --? aggregate_id
  and order_id = :order_id                                                          --? order_id
  and position > :after_key                                                         --? after_key
order by position
limit :limit
