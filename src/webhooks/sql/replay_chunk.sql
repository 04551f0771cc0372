-- The next events of a replay, in their order.
select position, id, type, aggregate_type, aggregate_id
from events
where tenant = :tenant and position > :position
  and position < log_horizon()
  and position < :before_position                         --? before_position
  and occurred_at > :after_time                           --? after_time
  and occurred_at < :before_time                          --? before_time
  and type like any (array(select replace(replace(wanted, '_', '\_'), '*', '%')
                           from jsonb_array_elements_text(:events) as wanted))
order by position
limit :most
