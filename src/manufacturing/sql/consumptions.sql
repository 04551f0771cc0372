-- What went into one work order, by lot and piece.
select c.*, i.item_number, coalesce(l.lot_number, p.lot_number) as lot_number
from work_order_consumptions c
join inventory_items i on i.tenant = c.tenant and i.id = c.item_id
left join inventory_lots l on l.tenant = c.tenant and l.id = c.lot_id
left join inventory_serials s on s.tenant = c.tenant and s.item_id = c.item_id and s.serial_number = c.serial_number
left join inventory_lots p on p.tenant = s.tenant and p.id = s.lot_id
where c.tenant = :tenant and c.work_order_id = :id
order by c.id
limit 10000
