-- Why is it not available: who holds it, first come first.
select r.id, r.location_id, r.quantity - r.consumed as held, r.expires_at, r.reference, r.order_id,
       o.order_number, r.work_order_id, r.lot_id, r.created_at
from inventory_reservations r
left join orders o on o.tenant = r.tenant and o.id = r.order_id
where r.tenant = :tenant and r.item_id = :id and r.status = 'active'
order by r.id
limit 101
