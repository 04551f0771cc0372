-- The payments of one customer's orders, for the export of what is stored about them.
select p.*
from orders o join payments p on p.tenant = o.tenant and p.order_id = o.id
where o.tenant = :tenant and o.customer_id = :id
order by p.id
