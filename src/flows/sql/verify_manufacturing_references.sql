-- What BOMs and work orders name of other nouns exists.
select c.tenant, 'boms', c.id, 'its product does not exist'
from boms c
where not exists (select 1 from products p where p.tenant = c.tenant and p.id = c.product_id)
union all
select c.tenant, 'boms', c.id, 'its item does not exist'
from boms c
where not exists (select 1 from inventory_items p where p.tenant = c.tenant and p.id = c.item_id)
union all
select c.tenant, 'bom_items', c.id, 'its item does not exist'
from bom_items c
where not exists (select 1 from inventory_items p where p.tenant = c.tenant and p.id = c.item_id)
union all
select c.tenant, 'item_costs', c.id, 'its item does not exist'
from item_costs c
where not exists (select 1 from inventory_items p where p.tenant = c.tenant and p.id = c.item_id)
union all
select c.tenant, 'work_orders', c.id, 'its BOM does not exist'
from work_orders c
where not exists (select 1 from boms p where p.tenant = c.tenant and p.id = c.bom_id)
union all
select c.tenant, 'work_orders', c.id, 'its location does not exist'
from work_orders c
where not exists (select 1 from locations p where p.tenant = c.tenant and p.id = c.location_id)
union all
select c.tenant, 'inventory_reservations', c.id, 'its work order does not exist'
from inventory_reservations c
where c.work_order_id is not null
  and not exists (select 1 from work_orders p where p.tenant = c.tenant and p.id = c.work_order_id)
union all
select c.tenant, 'work_order_consumptions', c.id, 'its work order does not exist'
from work_order_consumptions c
where not exists (select 1 from work_orders p where p.tenant = c.tenant and p.id = c.work_order_id)
union all
select c.tenant, 'work_order_outputs', c.id, 'its completion does not exist'
from work_order_outputs c
where not exists (select 1 from work_order_completions p
                  where p.tenant = c.tenant and p.id = c.completion_id and p.work_order_id = c.work_order_id)
