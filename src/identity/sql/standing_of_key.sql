-- Whom a key acts for, with which scopes; asked before the tenant is known.
select k.id, k.tenant as of_tenant, k.user_id, k.expires_at, k.scopes, u.roles,
       a.status as account_status, a.limits
from api_keys k
join users u on u.tenant = k.tenant and u.id = k.user_id
left join tenant_accounts a on a.tenant = 1 and a.tenant_number = k.tenant
where k.digest = :digest and k.status = 'active' and u.active
