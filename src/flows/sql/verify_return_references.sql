-- What a return names exists and is of its order; what came of it names it.
select r.tenant, 'returns', r.id, 'its order does not exist'
from returns r
where not exists (select 1 from orders o where o.tenant = r.tenant and o.id = r.order_id)
union all
select r.tenant, 'returns', r.id, 'its customer does not exist'
from returns r
where not exists (select 1 from customers c where c.tenant = r.tenant and c.id = r.customer_id)
union all
select r.tenant, 'returns', r.id, 'its location does not exist'
from returns r
where r.location_id is not null
  and not exists (select 1 from locations l where l.tenant = r.tenant and l.id = r.location_id)
union all
select r.tenant, 'returns', r.id, 'its exchange order does not exist or comes from another order'
from returns r
where r.exchange_order_id is not null
  and not exists (select 1 from orders o
                  where o.tenant = r.tenant and o.id = r.exchange_order_id
                    and o.origin = 'exchange' and o.origin_order_id = r.order_id)
union all
select i.tenant, 'return_items', i.id, 'its line is of another order than its return'
from return_items i
join returns r on r.tenant = i.tenant and r.id = i.return_id
where not exists (select 1 from order_items l
                  where l.tenant = i.tenant and l.id = i.order_item_id
                    and l.order_id = r.order_id)
union all
select f.tenant, 'refunds', f.id, 'its return does not exist or is of another order'
from refunds f
where f.return_id is not null
  and not exists (select 1 from returns r
                  where r.tenant = f.tenant and r.id = f.return_id and r.order_id = f.order_id)
