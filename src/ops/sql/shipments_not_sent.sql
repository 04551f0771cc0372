-- Shipments that have a label and still lie here, oldest first.
select s.id, o.order_number as label, s.order_id, s.updated_at as since, s.tracking_number as note
from shipments s
join orders o on o.tenant = s.tenant and o.id = s.order_id
where s.tenant = :tenant
  and s.status = 'label_created'
  and o.status <> 'on_hold'
  and s.updated_at < :before
order by s.id
limit :most
