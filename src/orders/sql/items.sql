-- The lines of one order, in the order they were written.
select * from order_items where tenant = :tenant and order_id = :id order by id limit 1000
