-- What the ledger said of an item, where a count takes place, at the moment it was counted: what is there now
-- less what came and went since.
select b.on_hand - coalesce((select sum(m.delta) from inventory_movements m
                             where m.tenant = b.tenant and m.item_id = b.item_id and m.id >= :ids_from
                               and m.location_id = b.location_id
                               and m.created_at > :counted_at), 0) as on_record
from inventory_counts c
join inventory_items i on i.tenant = c.tenant and i.item_number = :sku
join inventory_balances b on b.tenant = c.tenant and b.item_id = i.id and b.location_id = c.location_id
where c.tenant = :tenant and c.id = :count_id
