-- What a transfer says of itself agrees with its status and with the ledger: what left is in transit, arrived,
-- went back or was lost.
select i.tenant, 'inventory_transfer_items', i.id,
       'its transfer is ' || t.status || ' with ' || i.shipped || ' shipped, ' || i.received || ' received, ' ||
       i.returned || ' returned and ' || i.lost || ' lost of ' || i.quantity
from inventory_transfer_items i
join inventory_transfers t on t.tenant = i.tenant and t.id = i.transfer_id
where i.received < 0 or i.returned < 0 or i.lost < 0 or i.received + i.returned + i.lost > i.shipped
   or i.shipped <> (case when t.shipped_at is null then 0 else i.quantity end)
   or (t.status = 'in_transit' and i.received + i.returned + i.lost > 0)
   or (t.status = 'partially_received' and i.returned + i.lost > 0)
   or (t.status = 'received' and (i.returned > 0 or i.shipped <> i.received + i.lost))
   or (t.status = 'cancelled' and (i.received + i.lost > 0 or i.shipped <> i.returned))
union all
select i.tenant, 'inventory_transfer_items', i.id,
       'the ledger moved ' || coalesce(m.moved, 0) || ' at the source and ' || coalesce(a.moved, 0) ||
       ' at the destination; it has ' || i.shipped || ' shipped, ' || i.received || ' received and ' ||
       i.returned || ' returned'
from inventory_transfer_items i
join inventory_transfers t on t.tenant = i.tenant and t.id = i.transfer_id
left join (select tenant, reference, item_id, location_id, sum(delta) as moved
           from inventory_movements where kind = 'transfer'
           group by tenant, reference, item_id, location_id) m
  on m.tenant = t.tenant and m.reference = t.id and m.item_id = i.item_id
 and m.location_id = t.from_location_id
left join (select tenant, reference, item_id, location_id, sum(delta) as moved
           from inventory_movements where kind = 'transfer'
           group by tenant, reference, item_id, location_id) a
  on a.tenant = t.tenant and a.reference = t.id and a.item_id = i.item_id
 and a.location_id = t.to_location_id
where coalesce(m.moved, 0) <> i.returned - i.shipped or coalesce(a.moved, 0) <> i.received
union all
select m.tenant, 'inventory_movements', m.id, 'it is of a transfer that does not move this item here'
from inventory_movements m
where m.kind = 'transfer'
  and not exists (select 1 from inventory_transfers t
                  join inventory_transfer_items i on i.tenant = t.tenant and i.transfer_id = t.id
                  where t.tenant = m.tenant and t.id = m.reference and i.item_id = m.item_id
                    and m.location_id in (t.from_location_id, t.to_location_id))
union all
select t.tenant, 'inventory_transfers', t.id, 'a location of it does not exist'
from inventory_transfers t
where not exists (select 1 from locations l where l.tenant = t.tenant and l.id = t.from_location_id)
   or not exists (select 1 from locations l where l.tenant = t.tenant and l.id = t.to_location_id)
