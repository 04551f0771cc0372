-- The API keys of a tenant, newest first, with when each was last used.
select k.*, u.last_used_at
from api_keys k left join api_key_uses u on u.tenant = k.tenant and u.id = k.id
where k.tenant = :tenant
  and k.user_id = :user_id --? user_id
  and k.status = :status   --? status
  and k.id < :after_id     --? after_id
order by k.id desc
limit :limit
