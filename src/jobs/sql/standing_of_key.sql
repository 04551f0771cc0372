-- What the key that asked for a job may do now.
select k.id, k.user_id, k.expires_at, k.scopes, u.roles
from api_keys k join users u on u.tenant = k.tenant and u.id = k.user_id
where k.tenant = :tenant and k.id = :actor_id and k.status = 'active' and u.active
  and not exists (select 1 from tenant_accounts a
                  where a.tenant = 1 and a.tenant_number = k.tenant and a.status = 'suspended')
