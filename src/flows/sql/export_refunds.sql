-- The refunds of one customer's orders, for the export of what is stored about them.
select r.*
from orders o join refunds r on r.tenant = o.tenant and r.order_id = o.id
where o.tenant = :tenant and o.customer_id = :id
order by r.id
