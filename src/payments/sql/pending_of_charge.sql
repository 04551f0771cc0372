-- What a gateway's message about a charge can settle: the operation under way on its payment, none
-- when the payment is idle. Messages name no tenant.
select p.tenant, o.id as operation, p.id as payment, p.order_id
from payments p
left join operations o on o.tenant = p.tenant and o.id = p.operation and o.state = 'pending'
where p.gateway = :gateway and p.gateway_reference = :reference
