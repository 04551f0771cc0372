-- The addresses of one customer, oldest first.
select * from customer_addresses where tenant = :tenant and customer_id = :id order by id limit 1000
