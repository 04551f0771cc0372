-- Deliveries of all tenants that were made or given up before a time, oldest first, to be forgotten.
select tenant, id from webhook_deliveries
where created_at < :before and status <> 'pending'
order by created_at
limit :most
