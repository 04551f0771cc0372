-- The lots of an item at a location add up to its balance there, and so do its pieces with serial numbers.
select b.tenant, 'inventory_balances', b.id,
       'on_hand ' || b.on_hand || ', allocated ' || b.allocated || ', quarantined ' || b.quarantined ||
       '; its lots add up to ' || cast(coalesce(l.on_hand, 0) as bigint) || ', ' ||
       cast(coalesce(l.allocated, 0) as bigint) || ', ' || cast(coalesce(l.quarantined, 0) as bigint)
from inventory_balances b
join inventory_items i on i.tenant = b.tenant and i.id = b.item_id and i.tracking = 'lot'
left join (select tenant, item_id, location_id, sum(on_hand) as on_hand, sum(allocated) as allocated,
                  sum(quarantined) as quarantined
           from inventory_lot_balances
           group by tenant, item_id, location_id) l
  on l.tenant = b.tenant and l.item_id = b.item_id and l.location_id = b.location_id
where b.on_hand <> coalesce(l.on_hand, 0) or b.allocated <> coalesce(l.allocated, 0)
   or b.quarantined <> coalesce(l.quarantined, 0)
union all
select b.tenant, 'inventory_balances', b.id,
       'on_hand ' || b.on_hand || ', quarantined ' || b.quarantined || '; of its pieces ' ||
       coalesce(s.here, 0) || ' are there, ' || coalesce(s.quarantined, 0) || ' of them quarantined'
from inventory_balances b
join inventory_items i on i.tenant = b.tenant and i.id = b.item_id and i.tracking = 'serial'
left join (select tenant, balance_id, count(*) as here,
                  count(case when status = 'quarantined' then 1 end) as quarantined
           from inventory_serials
           where balance_id is not null
           group by tenant, balance_id) s
  on s.tenant = b.tenant and s.balance_id = b.id
where b.on_hand <> 10000 * coalesce(s.here, 0) or b.quarantined <> 10000 * coalesce(s.quarantined, 0)
