-- What a work order's item has reserved is what its active reservations hold, and what it consumed is what they gave
-- up, what the ledger took and what its genealogy tells.
select i.tenant, 'work_order_items', i.id,
       'reserved ' || i.reserved || ' and consumed ' || i.consumed || '; its reservations hold ' ||
       coalesce(r.held, 0) || ' and gave up ' || coalesce(r.consumed, 0) || ', the ledger took ' ||
       coalesce(m.taken, 0) || ', its genealogy tells of ' || coalesce(g.consumed, 0)
from work_order_items i
left join (select tenant, work_order_id, item_id, sum(consumed) as consumed,
                  sum(case when status = 'active' then quantity - consumed else 0 end) as held
           from inventory_reservations where work_order_id is not null
           group by tenant, work_order_id, item_id) r
  on r.tenant = i.tenant and r.work_order_id = i.work_order_id and r.item_id = i.item_id
left join (select tenant, reference, item_id, -sum(delta) as taken
           from inventory_movements where kind = 'consume' and reference is not null
           group by tenant, reference, item_id) m
  on m.tenant = i.tenant and m.reference = i.work_order_id and m.item_id = i.item_id
left join (select tenant, work_order_id, item_id, sum(quantity) as consumed
           from work_order_consumptions group by tenant, work_order_id, item_id) g
  on g.tenant = i.tenant and g.work_order_id = i.work_order_id and g.item_id = i.item_id
where i.reserved <> coalesce(r.held, 0) or i.consumed <> coalesce(r.consumed, 0)
   or i.consumed <> coalesce(m.taken, 0) or i.consumed <> coalesce(g.consumed, 0)
