-- A product has one active BOM at most, and its item's composition is that BOM's.
select b.tenant, 'boms', b.id, 'another revision of its product is active, too'
from boms b
where b.status = 'active'
  and exists (select 1 from boms o
              where o.tenant = b.tenant and o.product_id = b.product_id and o.status = 'active' and o.id <> b.id)
union all
select b.tenant, 'boms', b.id, 'it is active, and its item is made by another one or none'
from boms b
where b.status = 'active'
  and not exists (select 1 from bom_compositions c
                  where c.tenant = b.tenant and c.id = b.item_id and c.active_bom_id = b.id)
union all
select c.tenant, 'boms', c.active_bom_id, 'its item is made by it, and it is not active'
from bom_compositions c
where c.active_bom_id is not null
  and not exists (select 1 from boms b
                  where b.tenant = c.tenant and b.id = c.active_bom_id and b.status = 'active'
                    and b.item_id = c.id)
union all
select b.tenant, 'boms', b.id, 'it has no items'
from boms b
where not exists (select 1 from bom_items i where i.tenant = b.tenant and i.bom_id = b.id)
