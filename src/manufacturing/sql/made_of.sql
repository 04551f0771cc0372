-- What went into a lot or a piece that was made here, and into what went into that, and so on; rework may go round,
-- so it ends at level 15.
with recursive inside(level, id, item_id, lot_id, serial_number) as (
    select 1, c.id, c.item_id, c.lot_id, c.serial_number
    from work_order_outputs o
    join work_order_consumptions c on c.tenant = o.tenant and c.work_order_id = o.work_order_id
         and (c.completion_id = o.completion_id or c.completion_id is null)
    where o.tenant = :tenant
      and o.item_id = :item_id
      and o.lot_id = :lot_id                --? lot_id
      and o.serial_number = :serial_number  --? serial_number
    union
    select p.level + 1, c.id, c.item_id, c.lot_id, c.serial_number
    from inside p
    join work_order_outputs o on o.tenant = :tenant and o.item_id = p.item_id
         and (o.lot_id = p.lot_id or o.serial_number = p.serial_number)
    join work_order_consumptions c on c.tenant = o.tenant and c.work_order_id = o.work_order_id
         and (c.completion_id = o.completion_id or c.completion_id is null)
    where p.level < 15
)
select p.level, c.work_order_id, w.work_order_number, c.item_id, i.item_number,
       coalesce(c.lot_id, s.lot_id) as lot_id, l.lot_number, c.serial_number, c.quantity
from inside p
join work_order_consumptions c on c.tenant = :tenant and c.id = p.id
join work_orders w on w.tenant = c.tenant and w.id = c.work_order_id
join inventory_items i on i.tenant = c.tenant and i.id = c.item_id
left join inventory_serials s on s.tenant = c.tenant and s.item_id = c.item_id and s.serial_number = c.serial_number
left join inventory_lots l on l.tenant = c.tenant and l.id = coalesce(c.lot_id, s.lot_id)
order by p.level, c.id
limit 1000
