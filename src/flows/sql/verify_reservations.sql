-- Reservations hold what their status says, of stock that exists.
select r.tenant, 'inventory_reservations', r.id,
       'it is ' || r.status || ' with ' || r.consumed || ' of ' || r.quantity || ' consumed'
from inventory_reservations r
where r.consumed < 0 or r.consumed > r.quantity
   or (r.status = 'consumed') <> (r.consumed = r.quantity)
union all
select r.tenant, 'inventory_reservations', r.id, 'there is no balance of its item at its location'
from inventory_reservations r
where not exists (select 1 from inventory_balances b
                  where b.tenant = r.tenant and b.item_id = r.item_id
                    and b.location_id = r.location_id)
