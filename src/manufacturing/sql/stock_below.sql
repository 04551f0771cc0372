-- Where everything below a BOM lies, first to be drawn from first.
with recursive reached(item_id) as (
    select i.item_id from bom_items i where i.tenant = :tenant and i.bom_id = :id
    union
    select i.item_id
    from reached r
    join boms b on b.tenant = :tenant and b.item_id = r.item_id and b.status = 'active'
    join bom_items i on i.tenant = b.tenant and i.bom_id = b.id
)
select s.item_id, s.location_id, l.code, s.on_hand, s.on_hand - s.allocated - s.quarantined as available, s.open
from reached r
join inventory_balances s on s.tenant = :tenant and s.item_id = r.item_id
join locations l on l.tenant = s.tenant and l.id = s.location_id
where s.on_hand > 0
order by s.item_id, s.priority, s.location_id
