-- Balances, those made last first, of an item or of a location.
select * from inventory_balances
where tenant = :tenant
  and item_id = :item_id         --? item_id
  and location_id = :location_id --? location_id
  and id < :after_id             --? after_id
order by id desc
limit :limit
