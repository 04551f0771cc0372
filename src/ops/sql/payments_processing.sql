-- Payments whose gateway has not said what became of them, oldest first. By hand they may take weeks.
select p.id, o.order_number as label, o.id as order_id, p.updated_at as since, p.gateway as note
from orders o
join payments p on p.tenant = o.tenant and p.order_id = o.id
where o.tenant = :tenant
  and o.payment_status = 'processing'
  and p.status = 'processing'
  and p.gateway <> 'manual'
  and p.updated_at < :before
order by o.id
limit :most
