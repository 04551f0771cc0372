-- Who logs in with this address. Login names no tenant, so this asks over all of them.
select u.id, u.tenant as of_tenant, u.password, u.active, a.status as account_status
from users u
left join tenant_accounts a on a.tenant = 1 and a.tenant_number = u.tenant
where u.email = :email
