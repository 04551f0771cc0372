-- One API key, with when it was last used.
select k.*, u.last_used_at
from api_keys k left join api_key_uses u on u.tenant = k.tenant and u.id = k.id
where k.tenant = :tenant and k.id = :id
