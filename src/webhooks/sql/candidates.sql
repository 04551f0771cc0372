-- What one endpoint is owed next, in order, with the events to send. A row whose time has not come tells when to
-- look again; one that `waits` comes after an earlier event of its aggregate that is on its way.
select d.id, d.event_id, d.event_type, d.aggregate_id, d.tries, d.next_attempt_at, e.occurred_at, e.data,
       d.tries = 0 and exists (
           select 1 from webhook_deliveries as o
           where o.tenant = d.tenant and o.endpoint_id = d.endpoint_id and o.aggregate_id = d.aggregate_id
             and o.lease_owner is not null and o.tries = 0 and o.position < d.position and o.lease_until > :now
             and (not :alone or o.lease_owner = :owner)) as waits
from webhook_deliveries as d
join events as e on e.position = d.position
where d.tenant = :of_tenant and d.endpoint_id = :endpoint_id and d.status = 'pending'
  and (d.lease_until is null or d.lease_until <= :now or (:alone and d.lease_owner <> :owner))
order by d.next_attempt_at, d.position
limit :most
