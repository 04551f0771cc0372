-- One product.
select * from products where tenant = :tenant and id = :id
