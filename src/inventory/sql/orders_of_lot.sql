-- The recall: who was sent a lot, or holds some of it, by itself or in what was made of it.
with recursive affected (item_id, lot_id, serial_number, direct) as (
    select l.item_id, l.id, nullif(l.lot_number, l.lot_number), 1
    from inventory_lots l
    where l.tenant = :tenant and l.id = :id
    union
    select s.item_id, nullif(s.id, s.id), s.serial_number, 1
    from inventory_serials s
    where s.tenant = :tenant and s.lot_id = :id
    union
    select o.item_id, o.lot_id, o.serial_number, 0
    from affected a
    join work_order_consumptions c
      on c.tenant = :tenant
     and (c.lot_id = a.lot_id or (c.item_id = a.item_id and c.serial_number = a.serial_number))
    join work_order_outputs o
      on o.tenant = c.tenant and o.work_order_id = c.work_order_id
     and (c.completion_id is null or o.completion_id = c.completion_id)
),
parts (order_id, shipped, reserved, direct) as (
    select r.order_id, r.consumed, case when r.status = 'active' then r.quantity - r.consumed else 0 end, a.direct
    from (select lot_id, max(direct) as direct from affected where lot_id is not null group by lot_id) a
    join inventory_reservations r on r.tenant = :tenant and r.lot_id = a.lot_id
    where r.order_id is not null and (r.consumed > 0 or r.status = 'active')
    union all
    select s.order_id, 10000, 0, a.direct
    from (select item_id, serial_number, max(direct) as direct from affected
          where serial_number is not null group by item_id, serial_number) a
    join inventory_serials s on s.tenant = :tenant and s.item_id = a.item_id and s.serial_number = a.serial_number
    where s.order_id is not null and s.status = 'shipped'
)
select o.id, o.order_number, o.status as order_status, o.customer_id, c.first_name, c.last_name, c.email, c.phone,
       p.shipped, p.reserved, p.direct = 0 as made_of
from (select order_id, cast(sum(shipped) as bigint) as shipped, cast(sum(reserved) as bigint) as reserved,
             max(direct) as direct
      from parts group by order_id) p
join orders o on o.tenant = :tenant and o.id = p.order_id
left join customers c on c.tenant = o.tenant and c.id = o.customer_id
where o.tenant = :tenant
  and o.id < :after_id --? after_id
order by o.id desc
limit :limit
