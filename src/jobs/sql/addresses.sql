-- The addresses of a page of exported customers.
select customer_id, label, address from customer_addresses
where tenant = :tenant and customer_id >= :first_id and customer_id <= :last_id
order by customer_id, id
