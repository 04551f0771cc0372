-- Mails and texts to customers that were given up, oldest first.
select id, event_type as label, order_id, updated_at as since, channel as note
from notification_messages
where tenant = :tenant
  and status = 'dead'
  and updated_at < :before
order by id
limit :most
