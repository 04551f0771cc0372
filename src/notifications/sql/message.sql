-- One message to a customer.
select id, version, event_id, event_type, channel, customer_id, order_id, language, recipient as "to", subject, text, status,
       attempts, next_attempt_at, created_at, updated_at
from notification_messages
where tenant = :tenant and id = :id
