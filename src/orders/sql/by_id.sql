-- One order.
select * from orders where tenant = :tenant and id = :id
