-- One address of one customer.
select * from customer_addresses
where tenant = :tenant and id = :address_id and customer_id = :id
