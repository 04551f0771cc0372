-- One customer.
select * from customers where tenant = :tenant and id = :id
