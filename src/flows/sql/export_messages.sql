-- What one customer was told, for the export of what is stored about them.
select id, version, event_id, event_type, channel, customer_id, order_id, language, recipient as "to", subject, text, status,
       attempts, next_attempt_at, created_at, updated_at
from notification_messages
where tenant = :tenant and customer_id = :id
order by id
