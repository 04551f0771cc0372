-- Whose a session is; a refresh token names no tenant, so this asks over all of them.
select s.id, s.tenant as of_tenant, a.status as account_status
from sessions s
left join tenant_accounts a on a.tenant = 1 and a.tenant_number = s.tenant
where s.id = :id
