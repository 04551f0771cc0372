-- A line says shipped what its shipments took, and they never hold more than was ordered.
select l.tenant, 'order_items', l.id,
       'shipped is ' || l.shipped || ' of ' || l.quantity || ', its shipments hold ' ||
       coalesce(s.held, 0) || ' and took ' || coalesce(s.taken, 0)
from order_items l
left join (select i.tenant, i.order_item_id, sum(i.quantity) as held,
                  sum(case when s.shipped_at is null then 0 else i.quantity end) as taken
           from shipment_items i
           join shipments s on s.tenant = i.tenant and s.id = i.shipment_id
           where s.status <> 'cancelled'
           group by i.tenant, i.order_item_id) s
  on s.tenant = l.tenant and s.order_item_id = l.id
where l.shipped <> coalesce(s.taken, 0) or coalesce(s.held, 0) > l.quantity
   or l.reserved + l.shipped > l.quantity or l.returned > l.shipped
