-- The lines of the active BOMs below a BOM, at any depth, for exploding it.
with recursive reached(item_id) as (
    select i.item_id from bom_items i where i.tenant = :tenant and i.bom_id = :id
    union
    select i.item_id
    from reached r
    join boms b on b.tenant = :tenant and b.item_id = r.item_id and b.status = 'active'
    join bom_items i on i.tenant = b.tenant and i.bom_id = b.id
)
select i.bom_id, b.sku as made_sku, b.item_id as made_item_id, i.sku, i.item_id, i.tracking, i.quantity,
       i.scrap_percent
from reached r
join boms b on b.tenant = :tenant and b.item_id = r.item_id and b.status = 'active'
join bom_items i on i.tenant = b.tenant and i.bom_id = b.id
order by i.bom_id, i.id
