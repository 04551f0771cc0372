-- One item, by its number.
select * from inventory_items where tenant = :tenant and id = :id
