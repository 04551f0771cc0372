-- One order by the number that people know it by.
select * from orders where tenant = :tenant and order_number = :order_number
