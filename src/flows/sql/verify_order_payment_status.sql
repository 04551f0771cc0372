-- The payment status of an order is what its payments add up to.
select tenant, 'orders', id, 'payment_status is ' || payment_status || ', should be ' || derived
from (select o.tenant, o.id, o.payment_status,
             case when coalesce(p.refunded, 0) > 0 and p.refunded < p.captured
                       then 'partially_refunded'
                  when coalesce(p.refunded, 0) > 0 then 'refunded'
                  when coalesce(p.captured, 0) >= o.total then 'paid'
                  when p.captured > 0 then 'partially_paid'
                  when p.processing > 0 then 'processing'
                  when p.authorized > 0 then 'authorized'
                  when p.voided > 0 then 'voided'
                  when p.failed > 0 then 'failed'
                  else 'unpaid' end as derived
      from orders o
      left join (select tenant, order_id, sum(captured) as captured, sum(refunded) as refunded,
                        sum(case when status = 'processing' then amount else 0 end) as processing,
                        sum(case when status = 'authorized' then amount else 0 end) as authorized,
                        sum(case when status = 'voided' then 1 else 0 end) as voided,
                        sum(case when status = 'failed' then 1 else 0 end) as failed
                 from payments group by tenant, order_id) p
        on p.tenant = o.tenant and p.order_id = o.id) as sums
where payment_status <> derived
