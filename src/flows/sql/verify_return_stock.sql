-- A completed return put on the shelf exactly what was to be restocked or set apart, once; nothing else did.
select tenant, 'returns', return_id,
       'of ' || sku || ' its dispositions and its movements differ by ' || sum(scaled)
from (select i.tenant, i.return_id, i.sku, i.received * 10000 as scaled
      from return_items i
      join returns r on r.tenant = i.tenant and r.id = i.return_id
      join order_items l on l.tenant = i.tenant and l.id = i.order_item_id
      where r.status = 'completed' and i.disposition in ('restock', 'quarantine')
        and l.track_inventory
      union all
      select m.tenant, m.reference, n.item_number, -m.delta
      from inventory_movements m
      join inventory_items n on n.tenant = m.tenant and n.id = m.item_id
      where m.kind = 'return') as moved
group by tenant, return_id, sku
having sum(scaled) <> 0
