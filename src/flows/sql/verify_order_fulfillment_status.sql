-- The fulfillment status of an order is what its lines add up to; untracked goods count once processed.
select tenant, 'orders', id,
       'fulfillment_status is ' || fulfillment_status || ', should be ' || derived
from (select o.tenant, o.id, o.fulfillment_status,
             case when l.returned > 0 and l.returned < l.ordered then 'partially_returned'
                  when l.returned > 0 then 'returned'
                  when l.shipped > 0 and l.shipped < l.ordered then 'partially_fulfilled'
                  when l.shipped > 0 then 'fulfilled'
                  when l.aside > 0 and l.aside < l.ordered then 'partially_reserved'
                  when l.aside > 0 then 'reserved'
                  else 'unfulfilled' end as derived
      from orders o
      left join (select i.tenant, i.order_id, sum(i.quantity) as ordered, sum(i.shipped) as shipped,
                        sum(i.returned) as returned,
                        sum(case when not i.track_inventory
                                      and coalesce(p.held_from, p.status)
                                          not in ('pending', 'cancelled')
                                 then i.quantity - i.shipped else i.reserved end) as aside
                 from order_items i
                 join orders p on p.tenant = i.tenant and p.id = i.order_id
                 group by i.tenant, i.order_id) l
        on l.tenant = o.tenant and l.order_id = o.id) as sums
where fulfillment_status <> derived
