-- What of an item will come to active locations: with transfers that are on their way, and from work orders
-- that are not on hold.
select 'transfer' as kind, t.id as reference, t.transfer_number as reference_number,
       t.to_location_id as location_id, t.expected_on as due_on,
       i.shipped - i.received - i.returned - i.lost as quantity
from inventory_transfer_items i
join inventory_transfers t on t.tenant = i.tenant and t.id = i.transfer_id
join locations l on l.tenant = t.tenant and l.id = t.to_location_id
where i.tenant = :tenant and i.item_id = :id and i.shipped > i.received + i.returned + i.lost and l.active
union all
select 'work_order', w.id, w.work_order_number, w.location_id, w.due_on, w.quantity - w.produced - w.scrapped
from work_orders w
join locations l on l.tenant = w.tenant and l.id = w.location_id
where w.tenant = :tenant and w.item_id = :id
  and w.status in ('planned', 'released', 'in_progress', 'on_hold') and w.status <> 'on_hold'
  and w.kind = 'build' and w.quantity > w.produced + w.scrapped and l.active
limit 1000
