-- Pending deliveries whose endpoint was deleted, or whose event the log has forgotten.
select d.tenant, d.id
from webhook_deliveries as d
where d.status = 'pending'
  and (not exists (select 1 from webhook_endpoints as e where e.tenant = d.tenant and e.id = d.endpoint_id)
       or not exists (select 1 from events as v where v.position = d.position))
limit :most
