-- One work order.
select * from work_orders where tenant = :tenant and id = :id
