-- Orders that are paid and have not left for days, longest waiting first.
select id, order_number as label, id as order_id, updated_at as since, fulfillment_status as note
from orders
where tenant = :tenant
  and status = 'processing'
  and payment_status = 'paid'
  and updated_at < :before
order by id
limit :most
