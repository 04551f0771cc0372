-- Orders whose money is there while no stock is set aside for them, longest waiting first.
select id, order_number as label, id as order_id, updated_at as since, payment_status as note
from orders
where tenant = :tenant
  and status in ('pending', 'cancelled')
  and payment_status in ('authorized', 'partially_paid', 'paid')
  and status = 'pending'
  and payment_status <> 'partially_paid'
  and updated_at < :before
order by id
limit :most
