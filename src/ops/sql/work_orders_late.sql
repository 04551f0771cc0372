-- Work orders that should be finished by now, oldest first.
select id, work_order_number as label, cast(null as uuid) as order_id, updated_at as since, sku as note
from work_orders
where tenant = :tenant
  and status in ('released', 'in_progress')
  and due_on < :today
order by id
limit :most
