-- A piece with a serial number is where it says, and left with whom it says.
select s.tenant, 'inventory_serials', s.id, 'it lies on no shelf of its item at its location'
from inventory_serials s
left join inventory_balances b on b.tenant = s.tenant and b.id = s.balance_id
where s.balance_id is not null
  and (b.id is null or b.item_id <> s.item_id or b.location_id <> s.location_id)
union all
select s.tenant, 'inventory_serials', s.id, 'it was shipped, and is in no shipment of its order'
from inventory_serials s
where s.status = 'shipped'
  and not exists (select 1 from shipments p
                  where p.tenant = s.tenant and p.id = s.shipment_id and p.order_id = s.order_id)
union all
select s.tenant, 'inventory_serials', s.id, 'its item does not exist or is not tracked by serial number'
from inventory_serials s
where not exists (select 1 from inventory_items p
                  where p.tenant = s.tenant and p.id = s.item_id and p.tracking = 'serial')
union all
select i.tenant, 'shipment_items', i.id, 'it does not name as many pieces as it holds'
from shipment_items i
join shipments p on p.tenant = i.tenant and p.id = i.shipment_id and p.shipped_at is not null
join order_items o on o.tenant = i.tenant and o.id = i.order_item_id and o.track_inventory
join inventory_items t on t.tenant = i.tenant and t.item_number = i.sku and t.tracking = 'serial'
where length(cast(i.serial_numbers as text)) - length(replace(cast(i.serial_numbers as text), '"', '')) <> 2 * i.quantity
