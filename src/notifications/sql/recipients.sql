-- Whom the events of a stretch of the log are about, and their orders.
select e.position, o.id as order_id, o.order_number, o.currency, o.total, c.id as customer_id,
       c.email, c.first_name, c.last_name, c.phone, c.language, c.email_notifications, c.sms_notifications
from events as e
join orders as o on o.tenant = e.tenant and o.id = e.order_id
join customers as c on c.tenant = o.tenant and c.id = o.customer_id
where e.position > :after and e.position <= :through and c.erased_at is null
