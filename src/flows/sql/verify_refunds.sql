-- No more is given back than was captured, and payments know their refunds.
select p.tenant, 'payments', p.id,
       'captured ' || p.captured || ', refunded ' || p.refunded || ', refunding ' || p.refunding ||
       '; its refunds add up to ' || coalesce(r.succeeded, 0) || ' and ' ||
       coalesce(r.processing, 0) || ' under way'
from payments p
left join (select tenant, payment_id,
                  sum(case when status = 'succeeded' then amount else 0 end) as succeeded,
                  sum(case when status = 'processing' then amount else 0 end) as processing
           from refunds group by tenant, payment_id) r
  on r.tenant = p.tenant and r.payment_id = p.id
where p.refunded + p.refunding > p.captured or p.captured > p.amount
   or p.refunded <> coalesce(r.succeeded, 0) or p.refunding <> coalesce(r.processing, 0)
