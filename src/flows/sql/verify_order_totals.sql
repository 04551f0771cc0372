-- The totals of an order are the sums of its lines.
select o.tenant, 'orders', o.id,
       'subtotal ' || o.subtotal || ', discount ' || o.discount_total || ', tax ' || o.tax_total ||
       ', total ' || o.total || '; its lines add up to ' || coalesce(l.gross, 0) || ', ' ||
       coalesce(l.discount, 0) || ', ' || coalesce(l.tax, 0) || ', ' ||
       (coalesce(l.total, 0) + o.shipping_total)
from orders o
left join (select tenant, order_id, sum(unit_price * quantity) as gross, sum(discount) as discount,
                  sum(tax) as tax, sum(total) as total
           from order_items group by tenant, order_id) l
  on l.tenant = o.tenant and l.order_id = o.id
where o.subtotal <> coalesce(l.gross, 0) or o.discount_total <> coalesce(l.discount, 0)
   or o.tax_total <> coalesce(l.tax, 0) or o.total <> coalesce(l.total, 0) + o.shipping_total
