-- The customer of one order, for expand=customer.
select * from customers where tenant = :tenant and id = :customer_id
