-- What hangs from an order agrees with it: lines of the same order, one currency.
select l.tenant, 'order_items', l.id, 'its currency is not its order''s'
from order_items l
join orders o on o.tenant = l.tenant and o.id = l.order_id
where l.currency <> o.currency
union all
select p.tenant, 'payments', p.id, 'its currency is not its order''s'
from payments p
join orders o on o.tenant = p.tenant and o.id = p.order_id
where p.currency <> o.currency
union all
select r.tenant, 'refunds', r.id, 'its order or currency is not its payment''s'
from refunds r
join payments p on p.tenant = r.tenant and p.id = r.payment_id
where r.order_id <> p.order_id or r.currency <> p.currency
union all
select i.tenant, 'shipment_items', i.id, 'its line is of another order than its shipment'
from shipment_items i
join shipments s on s.tenant = i.tenant and s.id = i.shipment_id
join order_items l on l.tenant = i.tenant and l.id = i.order_item_id
where s.order_id <> l.order_id
union all
select r.tenant, 'inventory_reservations', r.id, 'its line is of another order'
from inventory_reservations r
join order_items l on l.tenant = r.tenant and l.id = r.order_item_id
where r.order_id is null or r.order_id <> l.order_id
