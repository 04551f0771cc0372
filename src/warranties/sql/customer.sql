-- Who holds a piece.
select * from customers where tenant = :tenant and id = :customer_id
