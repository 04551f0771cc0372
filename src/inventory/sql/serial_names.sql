-- What people call the things that a piece has to do with.
select i.item_number, l.lot_number, o.order_number, o.customer_id
from inventory_serials s
join inventory_items i on i.tenant = s.tenant and i.id = s.item_id
left join inventory_lots l on l.tenant = s.tenant and l.id = s.lot_id
left join orders o on o.tenant = s.tenant and o.id = s.order_id
where s.tenant = :tenant and s.id = :id
