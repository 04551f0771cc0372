-- Webhook endpoints that were switched off since they failed, oldest first.
select id, url as label, cast(null as uuid) as order_id, updated_at as since, disabled_reason as note
from webhook_endpoints
where tenant = :tenant
  and status = 'disabled'
  and disabled_reason <> 'by_hand'
  and updated_at < :before
order by id
limit :most
