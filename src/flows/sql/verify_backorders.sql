-- What waits for stock agrees: rows, lines, items, and the orders it is for.
select l.tenant, 'order_items', l.id,
       'backordered is ' || l.backordered || ', it waits for ' || coalesce(b.waiting, 0)
from order_items l
left join (select tenant, order_item_id, sum(quantity) as waiting
           from backorders group by tenant, order_item_id) b
  on b.tenant = l.tenant and b.order_item_id = l.id
where l.backordered <> coalesce(b.waiting, 0)
union all
select b.tenant, 'backorders', b.id, 'its line does not exist, or is of another order, sku or not to wait'
from backorders b
where not exists (select 1 from order_items l
                  where l.tenant = b.tenant and l.id = b.order_item_id and l.order_id = b.order_id
                    and l.sku = b.sku and l.backorder)
union all
select b.tenant, 'backorders', b.id, 'its order is ' || o.status
from backorders b
join orders o on o.tenant = b.tenant and o.id = b.order_id
where coalesce(o.held_from, o.status) not in ('processing', 'partially_shipped')
