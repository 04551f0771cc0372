-- What one noun names of another exists; no foreign key says so across nouns.
select c.tenant, 'orders', c.id, 'its customer does not exist'
from orders c
where c.customer_id is not null
  and not exists (select 1 from customers p where p.tenant = c.tenant and p.id = c.customer_id)
union all
select c.tenant, 'order_items', c.id, 'its order does not exist'
from order_items c
where c.order_id is not null
  and not exists (select 1 from orders p where p.tenant = c.tenant and p.id = c.order_id)
union all
select c.tenant, 'order_items', c.id, 'its product does not exist'
from order_items c
where c.product_id is not null
  and not exists (select 1 from products p where p.tenant = c.tenant and p.id = c.product_id)
union all
select c.tenant, 'product_variants', c.id, 'its product does not exist'
from product_variants c
where c.product_id is not null
  and not exists (select 1 from products p where p.tenant = c.tenant and p.id = c.product_id)
union all
select c.tenant, 'customer_addresses', c.id, 'its customer does not exist'
from customer_addresses c
where c.customer_id is not null
  and not exists (select 1 from customers p where p.tenant = c.tenant and p.id = c.customer_id)
union all
select c.tenant, 'payments', c.id, 'its order does not exist'
from payments c
where c.order_id is not null
  and not exists (select 1 from orders p where p.tenant = c.tenant and p.id = c.order_id)
union all
select c.tenant, 'refunds', c.id, 'its payment does not exist'
from refunds c
where c.payment_id is not null
  and not exists (select 1 from payments p where p.tenant = c.tenant and p.id = c.payment_id)
union all
select c.tenant, 'refunds', c.id, 'its order does not exist'
from refunds c
where c.order_id is not null
  and not exists (select 1 from orders p where p.tenant = c.tenant and p.id = c.order_id)
union all
select c.tenant, 'shipments', c.id, 'its order does not exist'
from shipments c
where c.order_id is not null
  and not exists (select 1 from orders p where p.tenant = c.tenant and p.id = c.order_id)
union all
select c.tenant, 'shipments', c.id, 'its location does not exist'
from shipments c
where c.location_id is not null
  and not exists (select 1 from locations p where p.tenant = c.tenant and p.id = c.location_id)
union all
select c.tenant, 'shipment_items', c.id, 'its shipment does not exist'
from shipment_items c
where c.shipment_id is not null
  and not exists (select 1 from shipments p where p.tenant = c.tenant and p.id = c.shipment_id)
union all
select c.tenant, 'shipment_items', c.id, 'its order line does not exist'
from shipment_items c
where c.order_item_id is not null
  and not exists (select 1 from shipments s
                  where s.tenant = c.tenant and s.id = c.shipment_id and s.status = 'cancelled')
  and not exists (select 1 from order_items p where p.tenant = c.tenant and p.id = c.order_item_id)
union all
select c.tenant, 'inventory_balances', c.id, 'its item does not exist'
from inventory_balances c
where c.item_id is not null
  and not exists (select 1 from inventory_items p where p.tenant = c.tenant and p.id = c.item_id)
union all
select c.tenant, 'inventory_balances', c.id, 'its location does not exist'
from inventory_balances c
where c.location_id is not null
  and not exists (select 1 from locations p where p.tenant = c.tenant and p.id = c.location_id)
union all
select c.tenant, 'inventory_reservations', c.id, 'its item does not exist'
from inventory_reservations c
where c.item_id is not null
  and not exists (select 1 from inventory_items p where p.tenant = c.tenant and p.id = c.item_id)
union all
select c.tenant, 'inventory_reservations', c.id, 'its location does not exist'
from inventory_reservations c
where c.location_id is not null
  and not exists (select 1 from locations p where p.tenant = c.tenant and p.id = c.location_id)
union all
select c.tenant, 'inventory_reservations', c.id, 'its order does not exist'
from inventory_reservations c
where c.order_id is not null
  and not exists (select 1 from orders p where p.tenant = c.tenant and p.id = c.order_id)
union all
select c.tenant, 'inventory_reservations', c.id, 'its order line does not exist'
from inventory_reservations c
where c.order_item_id is not null and c.status in ('active', 'consumed')
  and not exists (select 1 from order_items p where p.tenant = c.tenant and p.id = c.order_item_id)
union all
select c.tenant, 'inventory_movements', c.id, 'its item does not exist'
from inventory_movements c
where c.item_id is not null
  and not exists (select 1 from inventory_items p where p.tenant = c.tenant and p.id = c.item_id)
union all
select c.tenant, 'inventory_movements', c.id, 'its location does not exist'
from inventory_movements c
where c.location_id is not null
  and not exists (select 1 from locations p where p.tenant = c.tenant and p.id = c.location_id)
