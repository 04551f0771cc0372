-- Waiting lines whose turn has come, of all tenants, oldest first: there is stock for those who wait longer, and at
-- least a piece more. `quantity` is how many pieces of it.
select tenant, id, order_id,
       case when quantity < pieces - ahead then quantity else pieces - ahead end as quantity
from (select b.tenant, b.id, b.order_id, b.since, b.quantity, s.pieces,
             cast(sum(b.quantity) over (partition by b.tenant, b.item_id order by b.since, b.id) as bigint)
                 - b.quantity as ahead
      from (select i.tenant, i.id as item_id,
                   cast(sum(l.on_hand - l.allocated - l.quarantined) as bigint) / 10000 as pieces
            from inventory_items i
            join inventory_balances l on l.tenant = i.tenant and l.item_id = i.id and l.open
            where i.backordered > 0
            group by i.tenant, i.id) s
      join backorders b on b.tenant = s.tenant and b.item_id = s.item_id
      where s.pieces > 0) waiting
where ahead < pieces
order by since, id
limit :most
