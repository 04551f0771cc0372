-- What an item owes to those who wait is what waits for it.
select i.tenant, 'inventory_items', i.item_number,
       'backordered is ' || i.backordered || ', its lines wait for ' || coalesce(b.waiting, 0)
from inventory_items i
left join (select tenant, item_id, sum(quantity) * 10000 as waiting
           from backorders group by tenant, item_id) b
  on b.tenant = i.tenant and b.item_id = i.id
where i.backordered <> coalesce(b.waiting, 0)
