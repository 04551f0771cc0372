-- Who a session stands for and whether it still counts; asked before the tenant is known.
select s.id, s.tenant as of_tenant, s.user_id, s.expires_at, u.roles, a.status as account_status, a.limits
from sessions s
join users u on u.tenant = s.tenant and u.id = s.user_id
left join tenant_accounts a on a.tenant = 1 and a.tenant_number = s.tenant
where s.id = :id and s.revoked_at is null and s.created_at > u.sessions_from and u.active
