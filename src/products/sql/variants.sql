-- The variants of one product, its own first.
select * from product_variants where tenant = :tenant and product_id = :id order by id limit 1000
