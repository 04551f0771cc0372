-- The variants of a page of exported products.
select product_id, sku, name, options, price, currency, barcode, weight_grams from product_variants
where tenant = :tenant and product_id >= :first_id and product_id <= :last_id
order by product_id, id
