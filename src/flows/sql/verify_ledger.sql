-- What is on hand is what the ledger adds up to.
select b.tenant, 'inventory_balances', b.id,
       'on_hand is ' || b.on_hand || ', its movements add up to ' || coalesce(m.total, 0)
from inventory_balances b
left join (select tenant, item_id, location_id, sum(delta) as total from inventory_movements
           group by tenant, item_id, location_id) m
  on m.tenant = b.tenant and m.item_id = b.item_id and m.location_id = b.location_id
where b.on_hand <> coalesce(m.total, 0)
