-- Messages to customers, newest first, for who looks for what they were told.
select id, version, event_id, event_type, channel, customer_id, order_id, language, recipient as "to", subject, text, status,
       attempts, next_attempt_at, created_at, updated_at
from notification_messages
where tenant = :tenant
  and status = :status           --? status
  and channel = :channel         --? channel
  and customer_id = :customer_id --? customer_id
  and order_id = :order_id       --? order_id
  and event_type = :event_type   --? event_type
  and id < :after_id             --? after_id
order by id desc
limit :limit
