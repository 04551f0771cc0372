-- The shipments that have left, of the orders that the events of a stretch of the log are about.
select distinct s.id, s.order_id, s.carrier, s.service, s.tracking_number
from events as e
join shipments as s on s.tenant = e.tenant and s.order_id = e.order_id
where e.position > :after and e.position <= :through and s.shipped_at is not null and s.status <> 'cancelled'
order by s.id
