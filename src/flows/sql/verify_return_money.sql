-- A return is worth what its items are, its refunds add up to what it says, and so does what paid for its exchange.
select r.tenant, 'returns', r.id,
       'worth ' || r.value || ', its items ' || coalesce(i.value, 0) || '; exchanged ' ||
       r.exchanged || ', refunded ' || r.refunded || ', refunding ' || r.refunding || ' (' ||
       r.refund_status || '); its refunds add up to ' || coalesce(f.succeeded, 0) || ' and ' ||
       coalesce(f.processing, 0) || ' under way, the exchange got ' || coalesce(p.captured, 0)
from returns r
left join (select tenant, return_id, sum(value) as value from return_items
           group by tenant, return_id) i
  on i.tenant = r.tenant and i.return_id = r.id
left join (select tenant, return_id,
                  sum(case when status = 'succeeded' then amount else 0 end) as succeeded,
                  sum(case when status = 'processing' then amount else 0 end) as processing
           from refunds where return_id is not null group by tenant, return_id) f
  on f.tenant = r.tenant and f.return_id = r.id
left join payments p
  on p.tenant = r.tenant and p.gateway = 'exchange' and p.gateway_reference = r.rma_number
where r.value <> coalesce(i.value, 0)
   or r.exchanged + r.refunded <> coalesce(f.succeeded, 0)
   or r.refunding <> coalesce(f.processing, 0)
   or r.exchanged <> coalesce(p.captured, 0)
   or r.refund_status <> case when r.refund_amount = 0 then 'none'
                              when r.refunding > 0 then 'processing'
                              when r.refunded = r.refund_amount then 'succeeded'
                              else 'failed' end
