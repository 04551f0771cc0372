-- Orders for an export, in the order of their ids. `discount_total` is what an order may be placed with.
select o.id, o.order_number, c.email as customer_email, o.status, o.payment_status, o.fulfillment_status, o.currency,
  o.subtotal, o.order_discount as discount_total, o.tax_total, o.shipping_total, o.total, o.payment_terms,
  o.shipping_address, o.billing_address, o.notes, o.metadata, o.tags, o.created_at
from orders o join customers c on c.tenant = o.tenant and c.id = o.customer_id
where o.tenant = :tenant and o.created_at <= :until
  and o.id > :after_id --? after_id
  and o.created_at >= :created_after --? created_after
  and o.created_at < :created_before --? created_before
order by o.id
limit :most
