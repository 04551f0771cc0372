-- A lot at a location holds what its ledger and its reservations say, and follows its lot.
select b.tenant, 'inventory_lot_balances', b.id,
       'on_hand is ' || b.on_hand || ', its movements add up to ' || cast(coalesce(m.total, 0) as bigint)
from inventory_lot_balances b
left join (select tenant, lot_id, location_id, sum(delta) as total from inventory_movements
           where lot_id is not null
           group by tenant, lot_id, location_id) m
  on m.tenant = b.tenant and m.lot_id = b.lot_id and m.location_id = b.location_id
where b.on_hand <> coalesce(m.total, 0)
union all
select b.tenant, 'inventory_lot_balances', b.id,
       'allocated is ' || b.allocated || ', its active reservations hold ' || cast(coalesce(r.held, 0) as bigint)
from inventory_lot_balances b
left join (select tenant, lot_id, location_id, sum(quantity - consumed) as held
           from inventory_reservations
           where status = 'active' and lot_id is not null
           group by tenant, lot_id, location_id) r
  on r.tenant = b.tenant and r.lot_id = b.lot_id and r.location_id = b.location_id
where b.allocated <> coalesce(r.held, 0)
union all
select b.tenant, 'inventory_lot_balances', b.id, 'it does not say of its lot what the lot says'
from inventory_lot_balances b
left join inventory_lots l on l.tenant = b.tenant and l.id = b.lot_id
where l.id is null or l.item_id <> b.item_id or l.status <> b.status
   or coalesce(l.expires_on <> b.expires_on, (l.expires_on is null) <> (b.expires_on is null))
union all
select r.tenant, 'inventory_reservations', r.id, 'its item is tracked by lot, and it names no lot that is there'
from inventory_reservations r
join inventory_items i on i.tenant = r.tenant and i.id = r.item_id and i.tracking = 'lot'
where r.status = 'active'
  and not exists (select 1 from inventory_lot_balances b
                  where b.tenant = r.tenant and b.lot_id = r.lot_id and b.location_id = r.location_id)
union all
select c.tenant, 'inventory_lots', c.id, 'its item does not exist'
from inventory_lots c
where not exists (select 1 from inventory_items p where p.tenant = c.tenant and p.id = c.item_id)
