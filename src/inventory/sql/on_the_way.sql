-- Which transfers an item is on its way with, oldest first.
select t.id as transfer_id, t.transfer_number, t.from_location_id, t.to_location_id, t.expected_on,
       i.shipped - i.received - i.returned - i.lost as in_transit
from inventory_transfer_items i
join inventory_transfers t on t.tenant = i.tenant and t.id = i.transfer_id
where i.tenant = :tenant and i.item_id = :id and i.shipped > i.received + i.returned + i.lost
order by i.id
limit 100
