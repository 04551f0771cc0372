-- One item, by what people call it: the sku of a product.
select * from inventory_items where tenant = :tenant and item_number = :item_number
