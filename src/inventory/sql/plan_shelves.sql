-- Where an item lies, as an order would draw from it.
select b.location_id, l.code, b.priority, b.open, b.on_hand, b.allocated, b.quarantined
from inventory_balances b
join locations l on l.tenant = b.tenant and l.id = b.location_id
where b.tenant = :tenant and b.item_id = :id
limit 10000
