-- What a work order produced and scrapped is what its completions add up to, and what a build produced is what it put
-- on the shelf and what its genealogy tells. A repair puts nothing there.
select w.tenant, 'work_orders', w.id,
       'produced ' || w.produced || ' and scrapped ' || w.scrapped || '; its completions add up to ' ||
       coalesce(c.good, 0) || ' and ' || coalesce(c.scrapped, 0) || ', the ledger got ' ||
       coalesce(m.made, 0) || ', its genealogy tells of ' || coalesce(o.made, 0)
from work_orders w
left join (select tenant, work_order_id, sum(quantity) as good, sum(scrapped) as scrapped
           from work_order_completions group by tenant, work_order_id) c
  on c.tenant = w.tenant and c.work_order_id = w.id
left join (select tenant, reference, item_id, sum(delta) as made
           from inventory_movements where kind = 'produce' and reference is not null
           group by tenant, reference, item_id) m
  on m.tenant = w.tenant and m.reference = w.id and m.item_id = w.item_id
left join (select tenant, work_order_id, sum(quantity) as made
           from work_order_outputs group by tenant, work_order_id) o
  on o.tenant = w.tenant and o.work_order_id = w.id
where w.produced <> coalesce(c.good, 0) or w.scrapped <> coalesce(c.scrapped, 0)
   or coalesce(m.made, 0) <> case w.kind when 'build' then w.produced else 0 end
   or coalesce(o.made, 0) <> coalesce(m.made, 0)
