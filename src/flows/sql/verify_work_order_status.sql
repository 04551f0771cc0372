-- A work order holds stock only while it may use it, has consumed all of it when it is completed, and has items.
select w.tenant, 'work_orders', w.id,
       'it is ' || w.status || '; its items have reserved ' || coalesce(sum(i.reserved), 0) || ' and consumed ' ||
       coalesce(sum(i.consumed), 0) || ' of ' || coalesce(sum(i.required), 0)
from work_orders w
left join work_order_items i on i.tenant = w.tenant and i.work_order_id = w.id
group by w.tenant, w.id, w.status
having count(i.id) = 0
    or (w.status in ('planned', 'completed', 'cancelled') and sum(i.reserved) <> 0)
    or (w.status = 'completed' and sum(i.consumed) <> sum(i.required))
    or (w.status = 'planned' and sum(i.consumed) <> 0)
