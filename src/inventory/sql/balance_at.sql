-- An item's balance at a location; MAIN when none is named.
select b.* from inventory_balances b
join locations l on l.tenant = b.tenant and l.id = b.location_id
where b.tenant = :tenant and b.item_id = :item_id
  and b.location_id = :location_id --? location_id
  and l.code = 'MAIN'              --? !location_id
