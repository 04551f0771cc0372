-- Whom a key acts for, with which scopes; asked before the tenant is known.
select k.id, k.tenant as of_tenant, k.user_id, k.expires_at, k.scopes, u.roles
from api_keys k join users u on u.tenant = k.tenant and u.id = k.user_id
where k.digest = :digest and k.status = 'active' and u.active
