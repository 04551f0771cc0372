-- The tax of a line is its rate of the discounted price, rounded half up; the order's own discount lies in its lines.
select l.tenant, 'order_items', l.id,
       'tax is ' || l.tax || ' at ' || l.tax_rate || ' ten-thousandths of ' || (l.total - l.tax)
from order_items l
where abs(cast(l.tax as numeric) * 10000 - cast(l.total - l.tax as numeric) * l.tax_rate) > 5000
union all
select o.tenant, 'orders', o.id,
       'order_discount is ' || o.order_discount || ', its lines have ' || coalesce(l.shared, 0) || ' of it'
from orders o
left join (select tenant, order_id, sum(discount - line_discount) as shared
           from order_items group by tenant, order_id) l
  on l.tenant = o.tenant and l.order_id = o.id
where o.order_discount <> coalesce(l.shared, 0)
