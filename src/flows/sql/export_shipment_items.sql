-- What was in the shipments of one customer's orders, for the export of what is stored about them.
select i.*
from orders o
join shipments s on s.tenant = o.tenant and s.order_id = o.id
join shipment_items i on i.tenant = s.tenant and i.shipment_id = s.id
where o.tenant = :tenant and o.customer_id = :id
order by i.shipment_id, i.id
