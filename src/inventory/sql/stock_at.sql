-- Why is it not available: where the item lies and what of it is promised.
select l.id as location_id, l.code, l.active, b.on_hand, b.allocated,
       b.quarantined, b.on_hand - b.allocated - b.quarantined as available, b.reorder_point
from inventory_balances b
join locations l on l.tenant = b.tenant and l.id = b.location_id
where b.tenant = :tenant and b.item_id = :id
order by l.priority, l.id
limit 10000
