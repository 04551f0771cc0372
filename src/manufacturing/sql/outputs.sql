-- What came of one work order, by lot and piece.
select o.*, i.item_number, l.lot_number
from work_order_outputs o
join inventory_items i on i.tenant = o.tenant and i.id = o.item_id
left join inventory_lots l on l.tenant = o.tenant and l.id = o.lot_id
where o.tenant = :tenant and o.work_order_id = :id
order by o.id
limit 10000
