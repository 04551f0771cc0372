-- The status of an order agrees with what has left and what it holds.
select o.tenant, 'orders', o.id,
       'it is ' || o.status || ' with ' || coalesce(l.shipped, 0) || ' of ' ||
       coalesce(l.ordered, 0) || ' shipped and ' || coalesce(l.reserved, 0) || ' reserved'
from orders o
left join (select tenant, order_id, sum(quantity) as ordered, sum(shipped) as shipped,
                  sum(reserved) as reserved
           from order_items group by tenant, order_id) l
  on l.tenant = o.tenant and l.order_id = o.id
where l.ordered is null
   or (o.status in ('shipped', 'delivered') and l.shipped <> l.ordered)
   or (o.status = 'partially_shipped' and not (l.shipped > 0 and l.shipped < l.ordered))
   or (o.status in ('pending', 'processing', 'on_hold', 'cancelled') and l.shipped > 0)
   or (o.status in ('pending', 'cancelled', 'shipped', 'delivered') and l.reserved > 0)
