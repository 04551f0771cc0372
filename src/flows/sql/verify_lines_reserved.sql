-- A line says reserved what its active reservations hold.
select l.tenant, 'order_items', l.id,
       'reserved is ' || l.reserved || ', its active reservations hold ' ||
       cast(coalesce(r.held, 0) as bigint) / 10000
from order_items l
left join (select tenant, order_item_id, sum(quantity - consumed) as held
           from inventory_reservations
           where status = 'active' and order_item_id is not null
           group by tenant, order_item_id) r
  on r.tenant = l.tenant and r.order_item_id = l.id
where l.reserved * 10000 <> coalesce(r.held, 0)
