-- Every line of the ledger has its balance.
select m.tenant, 'inventory_movements', m.id, 'there is no balance of its item at its location'
from inventory_movements m
where not exists (select 1 from inventory_balances b
                  where b.tenant = m.tenant and b.item_id = m.item_id
                    and b.location_id = m.location_id)
