-- Returns claim no more of a line than was shipped, and a line says returned what completed ones brought back.
select l.tenant, 'order_items', l.id,
       'shipped is ' || l.shipped || ' and returned ' || l.returned || '; its returns claim ' ||
       coalesce(r.claimed, 0) || ' and brought back ' || coalesce(r.returned, 0)
from order_items l
left join (select i.tenant, i.order_item_id, sum(coalesce(i.received, i.quantity)) as claimed,
                  sum(case when r.status = 'completed' then i.received else 0 end) as returned
           from return_items i
           join returns r on r.tenant = i.tenant and r.id = i.return_id
           where r.status not in ('rejected', 'cancelled')
           group by i.tenant, i.order_item_id) r
  on r.tenant = l.tenant and r.order_item_id = l.id
where coalesce(r.claimed, 0) > l.shipped or l.returned <> coalesce(r.returned, 0)
