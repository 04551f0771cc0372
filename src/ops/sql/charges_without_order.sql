-- Money that is held or was taken for an order that is cancelled, oldest first.
select p.id, o.order_number as label, o.id as order_id, p.updated_at as since, p.status as note
from orders o
join payments p on p.tenant = o.tenant and p.order_id = o.id
where o.tenant = :tenant
  and o.status in ('pending', 'cancelled')
  and o.payment_status in ('authorized', 'partially_paid', 'paid')
  and o.status = 'cancelled'
  and (p.status = 'authorized' or p.captured > p.refunded + p.refunding)
  and p.updated_at < :before
order by o.id
limit :most
