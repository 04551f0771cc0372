-- Stock for an export, in the order of the balances' ids; of items tracked by lot a row for each lot.
select b.id, i.tracking, i.item_number as sku, l.code as location, coalesce(lb.on_hand, b.on_hand) as on_hand,
  coalesce(lb.allocated, b.allocated) as allocated, coalesce(lb.quarantined, b.quarantined) as quarantined,
  lo.lot_number, lo.expires_on, b.reorder_point
from (
  select * from inventory_balances
  where tenant = :tenant and created_at <= :until
    and id > :after_id --? after_id
    and created_at >= :created_after --? created_after
    and created_at < :created_before --? created_before
  order by id
  limit :most
) b
join inventory_items i on i.tenant = b.tenant and i.id = b.item_id
join locations l on l.tenant = b.tenant and l.id = b.location_id
left join inventory_lot_balances lb on lb.tenant = b.tenant and lb.item_id = b.item_id and lb.location_id = b.location_id
left join inventory_lots lo on lo.tenant = lb.tenant and lo.id = lb.lot_id
order by b.id, lo.id
