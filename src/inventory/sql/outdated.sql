-- Balances that copied their location's settings before these changed, of all tenants.
select b.tenant, b.id, b.item_id, b.location_id
from inventory_balances b
join locations l on l.tenant = b.tenant and l.id = b.location_id
where b.priority <> l.priority or b.open <> l.active
limit :most
