-- The lot of an item that has this number.
select id from inventory_lots where tenant = :tenant and item_id = :item_id and lot_number = :lot_number
