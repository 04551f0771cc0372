-- One of the tenant's newest events with the order and the customer it is about, to show what a template makes of it.
select e.type, e.data, o.id as order_id, o.order_number, o.currency, o.total,
       c.email, c.first_name, c.last_name, c.phone, c.language
from (select position, id from events where tenant = :tenant order by position desc limit 10000) as newest
join events as e on e.position = newest.position
join orders as o on o.tenant = e.tenant and o.id = e.order_id
join customers as c on c.tenant = o.tenant and c.id = o.customer_id
where newest.id = :event_id
