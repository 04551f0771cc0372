-- Refunds whose gateway has not said what became of them, oldest first. By hand they may take weeks.
select r.id, o.order_number as label, o.id as order_id, r.updated_at as since, p.gateway as note
from refunds r
join payments p on p.tenant = r.tenant and p.id = r.payment_id
join orders o on o.tenant = r.tenant and o.id = r.order_id
where r.tenant = :tenant
  and r.status = 'processing'
  and p.gateway <> 'manual'
  and r.updated_at < :before
order by r.id
limit :most
