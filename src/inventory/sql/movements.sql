-- The ledger of one item, newest first.
select * from inventory_movements
where tenant = :tenant and item_id = :item_id
  and location_id = :location_id --? location_id
  and id < :after_id             --? after_id
order by id desc
limit :limit
