-- What waits for a gateway has an operation that asks it.
select p.tenant, 'payments', p.id, 'it waits for its gateway, and no operation is under way'
from payments p
where (p.status = 'processing' or p.operation is not null)
  and not exists (select 1 from operations o
                  where o.tenant = p.tenant and o.id = p.operation and o.state = 'pending')
union all
select r.tenant, 'refunds', r.id, 'it waits for its gateway, and no operation is under way'
from refunds r
where r.status = 'processing'
  and not exists (select 1 from operations o
                  where o.tenant = r.tenant and o.subject = r.id and o.state = 'pending')
