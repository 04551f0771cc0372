-- Webhook messages that were given up, oldest first.
select d.id, d.event_type as label, cast(null as uuid) as order_id, d.updated_at as since, e.url as note
from webhook_deliveries d
join webhook_endpoints e on e.tenant = d.tenant and e.id = d.endpoint_id
where d.tenant = :tenant
  and d.status = 'dead'
  and d.updated_at < :before
order by d.id
limit :most
