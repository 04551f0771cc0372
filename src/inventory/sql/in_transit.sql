-- How much of an item is on its way between locations.
select coalesce(sum(shipped - received - returned - lost), 0) as in_transit
from inventory_transfer_items
where tenant = :tenant and item_id = :id and shipped > received + returned + lost
