-- What should be ordered again: watched balances at or below their reorder point.
select * from inventory_balances
where tenant = :tenant
  and reorder_point is not null
  and on_hand - allocated - quarantined <= reorder_point
  and location_id = :location_id --? location_id
  and id < :after_id             --? after_id
order by id desc
limit :limit
