-- What waits for a gateway has an operation that asks it; what no gateway moves waits without one.
select p.tenant, 'payments', p.id, 'it waits for its gateway, and no operation is under way'
from payments p
where (p.operation is not null or p.status = 'processing' and p.gateway not in ('manual', 'exchange'))
  and not exists (select 1 from operations o
                  where o.tenant = p.tenant and o.id = p.operation and o.state = 'pending')
union all
select r.tenant, 'refunds', r.id, 'it waits for its gateway, and no operation is under way'
from refunds r
join payments p on p.tenant = r.tenant and p.id = r.payment_id
where r.status = 'processing' and p.gateway not in ('manual', 'exchange')
  and not exists (select 1 from operations o
                  where o.tenant = r.tenant and o.subject = r.id and o.state = 'pending')
union all
select p.tenant, 'payments', p.id, 'it is due by ' || p.due_on || ', and nothing would end its wait'
from payments p
where p.status = 'processing' and p.gateway = 'manual' and p.due_on is not null
  and not exists (select 1 from operations o
                  where o.tenant = p.tenant and o.subject = p.id and o.state = 'pending')
