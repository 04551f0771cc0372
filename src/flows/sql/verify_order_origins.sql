-- Orders that come from another or went into another name one that exists, of the same currency and customer. Only what
-- replaces goods that were never sold here comes from none.
select o.tenant, 'orders', o.id, 'the order it came from does not exist'
from orders o
where o.origin_order_id is not null
  and not exists (select 1 from orders p where p.tenant = o.tenant and p.id = o.origin_order_id)
union all
select o.tenant, 'orders', o.id, 'it has an origin without a kind, or a kind without an origin'
from orders o
where (o.origin is null and o.origin_order_id is not null)
   or (o.origin is not null and o.origin_order_id is null and o.origin <> 'replacement')
union all
select o.tenant, 'orders', o.id, 'it was split off an order of another customer, currency or terms'
from orders o
join orders p on p.tenant = o.tenant and p.id = o.origin_order_id
where o.origin = 'split'
  and (o.customer_id <> p.customer_id or o.currency <> p.currency or o.payment_terms <> p.payment_terms)
union all
select o.tenant, 'orders', o.id, 'it was merged into an order that does not exist or does not fit, or is not cancelled'
from orders o
where o.merged_into is not null
  and (o.status <> 'cancelled'
       or not exists (select 1 from orders p
                      where p.tenant = o.tenant and p.id = o.merged_into
                        and p.customer_id = o.customer_id and p.currency = o.currency))
