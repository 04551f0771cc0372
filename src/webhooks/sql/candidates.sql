-- What one endpoint is owed next, in order, with the events to send. A row whose time has not come tells when to
-- look again; a first attempt names the one before it of its aggregate, which must not be overtaken.
select d.id, d.event_id, d.event_type, d.aggregate_id, d.tries, d.next_attempt_at, e.occurred_at, e.data,
       case when d.tries = 0 then (
           select o.id from webhook_deliveries as o
           where o.tenant = d.tenant and o.endpoint_id = d.endpoint_id and o.aggregate_id = d.aggregate_id
             and o.status = 'pending' and o.tries = 0 and o.position < d.position
           order by o.position desc
           limit 1) end as earlier
from webhook_deliveries as d
join events as e on e.position = d.position
where d.tenant = :of_tenant and d.endpoint_id = :endpoint_id and d.status = 'pending'
  and (d.lease_until is null or d.lease_until <= :now or (:alone and d.lease_owner <> :owner))
order by d.next_attempt_at, d.position
limit :most
