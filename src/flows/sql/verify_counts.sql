-- A completed count corrected the ledger by exactly what its lines say; one that is not completed changed nothing.
select l.tenant, 'inventory_count_lines', l.id,
       'its count is ' || c.status || ', its difference is ' || coalesce(l.difference, 0) ||
       ', the ledger was corrected by ' || coalesce(m.moved, 0)
from inventory_count_lines l
join inventory_counts c on c.tenant = l.tenant and c.id = l.count_id
left join inventory_lots o on o.tenant = l.tenant and o.item_id = l.item_id and o.lot_number = l.lot_number
left join (select tenant, reference, item_id, location_id, lot_id, sum(delta) as moved
           from inventory_movements where kind = 'count'
           group by tenant, reference, item_id, location_id, lot_id) m
  on m.tenant = c.tenant and m.reference = c.id and m.item_id = l.item_id
 and m.location_id = c.location_id and m.lot_id is not distinct from o.id
where (c.status = 'completed') <> (l.difference is not null)
   or coalesce(l.difference, 0) <> coalesce(m.moved, 0)
   or l.expected <> l.on_record or l.on_hand < 0
union all
select m.tenant, 'inventory_movements', m.id, 'it is of a count that has no such line'
from inventory_movements m
where m.kind = 'count'
  and not exists (select 1 from inventory_counts c
                  join inventory_count_lines l on l.tenant = c.tenant and l.count_id = c.id
                  left join inventory_lots o
                    on o.tenant = l.tenant and o.item_id = l.item_id and o.lot_number = l.lot_number
                  where c.tenant = m.tenant and c.id = m.reference and c.location_id = m.location_id
                    and l.item_id = m.item_id and o.id is not distinct from m.lot_id)
union all
select c.tenant, 'inventory_counts', c.id, 'its location does not exist'
from inventory_counts c
where not exists (select 1 from locations l where l.tenant = c.tenant and l.id = c.location_id)
union all
select c.tenant, 'inventory_counts', c.id, 'it is completed and has no lines'
from inventory_counts c
where c.status = 'completed'
  and not exists (select 1 from inventory_count_lines l where l.tenant = c.tenant and l.count_id = c.id)
