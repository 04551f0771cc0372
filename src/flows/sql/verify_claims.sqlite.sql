-- A resolved claim and what it made name each other: a work order, an order that replaces, refunds of its order.
select c.tenant, 'claims', c.id, 'the order that replaces its goods is none, or not its customer''s'
from claims c
where c.order_id is not null
  and not exists (select 1 from orders o
                  where o.tenant = c.tenant and o.id = c.order_id and o.origin = 'replacement'
                    and o.customer_id = c.customer_id)
union all
select o.tenant, 'orders', o.id, 'it replaces goods, and no claim names it'
from orders o
where o.origin = 'replacement'
  and not exists (select 1 from claims c where c.tenant = o.tenant and c.order_id = o.id)
union all
select c.tenant, 'orders', c.order_id, 'it replaces the goods of ' || count(*) || ' claims'
from claims c
where c.order_id is not null
group by c.tenant, c.order_id
having count(*) > 1
union all
select c.tenant, 'claims', c.id, 'its refund ' || r.value || ' does not exist, or is of another order'
from claims c
join json_each(c.refund_ids) r
join warranties w on w.tenant = c.tenant and w.id = c.warranty_id
where not exists (select 1 from refunds f
                  where f.tenant = c.tenant and lower(hex(f.id)) = replace(r.value, '-', '')
                    and f.order_id = w.order_id)
union all
select c.tenant, 'claims', c.id, 'its customer or product is not its warranty''s'
from claims c
join warranties w on w.tenant = c.tenant and w.id = c.warranty_id
where w.customer_id <> c.customer_id or w.product_id <> c.product_id
   or c.quantity > w.quantity
union all
select c.tenant, 'claims', c.id, 'the work order that repairs its goods does not exist, or is another''s'
from claims c
where c.work_order_id is not null
  and not exists (select 1 from work_orders w
                  where w.tenant = c.tenant and w.id = c.work_order_id and w.claim_id = c.id)
union all
select w.tenant, 'work_orders', w.id, 'it repairs the goods of a claim that does not name it'
from work_orders w
where w.claim_id is not null
  and not exists (select 1 from claims c
                  where c.tenant = w.tenant and c.id = w.claim_id and c.work_order_id = w.id)
