-- One variant of one product.
select * from product_variants
where tenant = :tenant and id = :variant_id and product_id = :id
