-- What reservations gave up left the shelf: each consumption has its line in the ledger.
select r.tenant, 'order_items', r.order_item_id,
       'its reservations are consumed by ' || sum(r.consumed) || ', its shipments took ' ||
       coalesce(max(s.shipped), 0)
from inventory_reservations r
left join (select i.tenant, i.order_item_id, sum(i.quantity) * 10000 as shipped
           from shipment_items i
           join shipments s on s.tenant = i.tenant and s.id = i.shipment_id
           where s.shipped_at is not null
           group by i.tenant, i.order_item_id) s
  on s.tenant = r.tenant and s.order_item_id = r.order_item_id
where r.order_item_id is not null
group by r.tenant, r.order_item_id
having sum(r.consumed) <> coalesce(max(s.shipped), 0)
