-- What everything below a BOM costs to buy, as far as it is known.
with recursive reached(item_id) as (
    select i.item_id from bom_items i where i.tenant = :tenant and i.bom_id = :id
    union
    select i.item_id
    from reached r
    join boms b on b.tenant = :tenant and b.item_id = r.item_id and b.status = 'active'
    join bom_items i on i.tenant = b.tenant and i.bom_id = b.id
)
select c.*
from reached r
join item_costs c on c.tenant = :tenant and c.item_id = r.item_id
order by c.item_id
