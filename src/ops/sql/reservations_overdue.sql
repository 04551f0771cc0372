-- Reservations that should have ended by themselves, longest overdue first.
select r.id, i.item_number as label, r.order_id, r.expires_at as since, l.code as note
from inventory_reservations r
join inventory_items i on i.tenant = r.tenant and i.id = r.item_id
join locations l on l.tenant = r.tenant and l.id = r.location_id
where r.tenant = :tenant
  and r.status = 'active'
  and r.expires_at is not null
  and r.expires_at < :before
order by r.expires_at
limit :most
