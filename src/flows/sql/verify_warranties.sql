-- What a warranty names exists and agrees with it; one serial number of a product has one warranty that counts.
select w.tenant, 'warranties', w.id, 'its product does not exist'
from warranties w
where not exists (select 1 from products p where p.tenant = w.tenant and p.id = w.product_id)
union all
select w.tenant, 'warranties', w.id, 'its customer does not exist'
from warranties w
where not exists (select 1 from customers c where c.tenant = w.tenant and c.id = w.customer_id)
union all
select w.tenant, 'warranties', w.id, 'its order does not exist'
from warranties w
where w.order_id is not null
  and not exists (select 1 from orders o where o.tenant = w.tenant and o.id = w.order_id)
union all
select w.tenant, 'warranties', w.id, 'another one that is not void has its serial number too'
from warranties w
where w.serial_number is not null and w.status <> 'void'
  and exists (select 1 from warranties o
              where o.tenant = w.tenant and o.serial_number = w.serial_number
                and o.product_id = w.product_id and o.status <> 'void' and o.id <> w.id)
union all
select w.tenant, 'shipment_items', w.shipment_item_id,
       'warranties were registered for ' || w.pieces || ' pieces of ' || coalesce(i.quantity, 0) || ' delivered'
from (select tenant, shipment_item_id, sum(quantity) as pieces
      from warranties where shipment_item_id is not null
      group by tenant, shipment_item_id) w
left join (select i.tenant, i.id, i.quantity
           from shipment_items i
           join shipments s on s.tenant = i.tenant and s.id = i.shipment_id
           where s.status = 'delivered') i
  on i.tenant = w.tenant and i.id = w.shipment_item_id
where w.pieces > coalesce(i.quantity, 0)
