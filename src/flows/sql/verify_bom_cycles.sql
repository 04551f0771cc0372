-- No product contains itself, going down the BOMs that are active. `union` keeps each pair once, so that it ends.
with recursive contains(tenant, whole, part) as (
    select b.tenant, b.item_id, i.item_id
    from boms b
    join bom_items i on i.tenant = b.tenant and i.bom_id = b.id
    where b.status = 'active'
    union
    select c.tenant, c.whole, i.item_id
    from contains c
    join boms b on b.tenant = c.tenant and b.item_id = c.part and b.status = 'active'
    join bom_items i on i.tenant = b.tenant and i.bom_id = b.id
)
select b.tenant, 'boms', b.id, 'its product contains itself'
from contains c
join boms b on b.tenant = c.tenant and b.item_id = c.whole and b.status = 'active'
where c.whole = c.part
