-- Lines of a count that say less is there than is promised, to find out who holds it.
select l.id, l.item_id, c.location_id
from inventory_counts c
join inventory_count_lines l on l.tenant = c.tenant and l.count_id = c.id
join inventory_balances b on b.tenant = c.tenant and b.item_id = l.item_id and b.location_id = c.location_id
left join inventory_lots o on o.tenant = c.tenant and o.item_id = l.item_id and o.lot_number = l.lot_number
left join inventory_lot_balances s on s.tenant = c.tenant and s.lot_id = o.id and s.location_id = c.location_id
where c.tenant = :tenant and c.id = :id
  and ((l.lot_number is null and b.on_hand + l.counted - l.on_record < b.allocated)
       or s.on_hand + l.counted - l.on_record < s.allocated)
order by l.id
limit 1000
