-- Whether a sku is sold at all, and whether stock is kept of it.
select sku, track_inventory from product_variants where tenant = :tenant and sku = :item_number
