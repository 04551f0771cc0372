-- Who holds an item at a location, in the order in which it may be taken back: unpaid ones, newest first.
select r.id, r.order_id, r.work_order_id, r.quantity - r.consumed as held, r.lot_id
from inventory_reservations r
left join orders o on o.tenant = r.tenant and o.id = r.order_id
where r.tenant = :tenant and r.item_id = :item_id and r.location_id = :location_id and r.status = 'active'
order by coalesce(o.payment_status in ('processing', 'authorized', 'partially_paid', 'paid',
             'partially_refunded'), false),
         r.id desc
limit 100
