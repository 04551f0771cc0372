-- The next events of a replay, in their order.
select position, id, type, aggregate_type, aggregate_id
from events
where tenant = :tenant and position > :position
  and position < :before_position                         --? before_position
  and occurred_at > :after_time                           --? after_time
  and occurred_at < :before_time                          --? before_time
  and exists (select 1 from json_each(:events) as wanted
              where events.type glob wanted.value)
order by position
limit :most
