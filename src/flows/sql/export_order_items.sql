-- The lines of one customer's orders, for the export of what is stored about them.
select i.*
from orders o join order_items i on i.tenant = o.tenant and i.order_id = o.id
where o.tenant = :tenant and o.customer_id = :id
order by i.order_id, i.id
