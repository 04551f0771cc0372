-- Endpoints with deliveries whose time has come and that nobody works on.
select e.tenant, e.id
from webhook_endpoints as e
where e.status = 'enabled'
  and exists (select 1 from webhook_deliveries as d
              where d.tenant = e.tenant and d.endpoint_id = e.id and d.status = 'pending'
                and d.next_attempt_at <= :now
                and (d.lease_until is null or d.lease_until <= :now
                     or (:alone and d.lease_owner <> :owner)))
