-- Pieces, newest first, of an item, by number, at a location, of a lot or of an order.
select * from inventory_serials
where tenant = :tenant
  and item_id = :item_id              --? item_id
  and serial_number = :serial_number  --? serial_number
  and status = :status                --? status
  and location_id = :location_id      --? location_id
  and lot_id = :lot_id                --? lot_id
  and order_id = :order_id            --? order_id
  and id < :after_id                  --? after_id
order by id desc
limit :limit
