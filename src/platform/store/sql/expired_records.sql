-- Idempotency records of all tenants that nobody will ask for again.
select tenant, id from idempotency_records
where created_at < :before and progress = 'done'
order by created_at
limit :most
