-- Old messages that were delivered, to be forgotten a few at a time.
select tenant, id from notification_messages
where status = 'delivered' and created_at < :before
order by created_at
limit :most
