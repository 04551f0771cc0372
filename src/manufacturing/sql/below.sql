-- Every item that a BOM contains at any depth, going down the BOMs that are active; once each, so that it ends.
with recursive reached(item_id) as (
    select i.item_id from bom_items i where i.tenant = :tenant and i.bom_id = :id
    union
    select i.item_id
    from reached r
    join boms b on b.tenant = :tenant and b.item_id = r.item_id and b.status = 'active'
    join bom_items i on i.tenant = b.tenant and i.bom_id = b.id
)
select item_id from reached order by item_id
