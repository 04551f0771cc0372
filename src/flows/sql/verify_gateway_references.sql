-- A charge of a gateway belongs to one payment, and money that came has a charge or a hand behind it.
select tenant, 'payments', id, 'another payment has the charge ' || gateway_reference || ' too'
from payments p
where gateway not in ('manual', 'exchange') and gateway_reference is not null
  and exists (select 1 from payments o
              where o.gateway_reference = p.gateway_reference and o.gateway = p.gateway
                and (o.tenant <> p.tenant or o.id <> p.id))
union all
select tenant, 'payments', id, 'it was captured, and names no charge'
from payments
where captured > 0 and gateway_reference is null and gateway not in ('manual', 'exchange')
union all
select tenant, 'payments', id, 'it was captured by hand, and no day is named'
from payments
where captured > 0 and gateway = 'manual' and paid_on is null
