-- What one work order finished, in order.
select * from work_order_completions where tenant = :tenant and work_order_id = :id order by id limit 1000
