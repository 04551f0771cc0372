-- What is allocated is what active reservations still hold.
select b.tenant, 'inventory_balances', b.id,
       'allocated is ' || b.allocated || ', its active reservations hold ' || coalesce(r.held, 0)
from inventory_balances b
left join (select tenant, item_id, location_id, sum(quantity - consumed) as held
           from inventory_reservations where status = 'active'
           group by tenant, item_id, location_id) r
  on r.tenant = b.tenant and r.item_id = b.item_id and r.location_id = b.location_id
where b.allocated <> coalesce(r.held, 0)
