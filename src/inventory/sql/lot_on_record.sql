-- What the ledger said of a lot, where a count takes place, at the moment it was counted: what is there now less
-- what came and went since.
select coalesce(b.on_hand, 0)
       - coalesce((select sum(m.delta) from inventory_movements m
                   where m.tenant = o.tenant and m.item_id = o.item_id and m.id >= :ids_from
                     and m.location_id = c.location_id and m.lot_id = o.id
                     and m.created_at > :counted_at), 0) as on_record
from inventory_counts c
join inventory_items i on i.tenant = c.tenant and i.item_number = :sku
join inventory_lots o on o.tenant = c.tenant and o.item_id = i.id and o.lot_number = :lot_number
left join inventory_lot_balances b on b.tenant = c.tenant and b.lot_id = o.id and b.location_id = c.location_id
where c.tenant = :tenant and c.id = :count_id
