-- The shipments of an order that have left, for a template to name.
select carrier, service, tracking_number
from shipments
where tenant = :tenant and order_id = :order_id and shipped_at is not null and status <> 'cancelled'
order by id
limit 100
