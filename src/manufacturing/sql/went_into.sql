-- What a lot or a piece went into, and what that went into, and so on; rework may go round, so it ends at level 15.
with recursive around(level, id, item_id, lot_id, serial_number) as (
    select 1, o.id, o.item_id, o.lot_id, o.serial_number
    from work_order_consumptions c
    join work_order_outputs o on o.tenant = c.tenant and o.work_order_id = c.work_order_id
         and (c.completion_id = o.completion_id or c.completion_id is null)
    left join inventory_serials s on s.tenant = c.tenant and s.item_id = c.item_id
         and s.serial_number = c.serial_number
    where c.tenant = :tenant
      and c.item_id = :item_id
      and coalesce(c.lot_id, s.lot_id) = :lot_id  --? lot_id
      and c.serial_number = :serial_number        --? serial_number
    union
    select p.level + 1, o.id, o.item_id, o.lot_id, o.serial_number
    from around p
    join work_order_consumptions c on c.tenant = :tenant and c.item_id = p.item_id
         and (c.lot_id = p.lot_id or c.serial_number = p.serial_number)
    join work_order_outputs o on o.tenant = c.tenant and o.work_order_id = c.work_order_id
         and (c.completion_id = o.completion_id or c.completion_id is null)
    where p.level < 15
)
select p.level, o.work_order_id, w.work_order_number, o.item_id, i.item_number, o.lot_id, l.lot_number,
       o.serial_number, o.quantity
from around p
join work_order_outputs o on o.tenant = :tenant and o.id = p.id
join work_orders w on w.tenant = o.tenant and w.id = o.work_order_id
join inventory_items i on i.tenant = o.tenant and i.id = o.item_id
left join inventory_lots l on l.tenant = o.tenant and l.id = o.lot_id
order by p.level, o.id
limit 1000
