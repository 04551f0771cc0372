-- Reservations, newest first, of an item, a location or an order.
select * from inventory_reservations
where tenant = :tenant
  and item_id = :item_id         --? item_id
  and location_id = :location_id --? location_id
  and status = :status           --? status
  and order_id = :order_id       --? order_id
  and id < :after_id             --? after_id
order by id desc
limit :limit
