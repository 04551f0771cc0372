-- Why is it not available, and what would an order take: an item's lots, first to expire first.
select b.lot_id, l.lot_number, b.status, b.expires_on, b.location_id, b.on_hand, b.allocated, b.quarantined
from inventory_lot_balances b
join inventory_lots l on l.tenant = b.tenant and l.id = b.lot_id
where b.tenant = :tenant and b.item_id = :id
order by b.expires_on is null, b.expires_on, b.lot_id, b.location_id
limit 10000
