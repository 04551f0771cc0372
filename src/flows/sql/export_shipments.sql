-- The shipments of one customer's orders, for the export of what is stored about them.
select s.*
from orders o join shipments s on s.tenant = o.tenant and s.order_id = o.id
where o.tenant = :tenant and o.customer_id = :id
order by s.id
