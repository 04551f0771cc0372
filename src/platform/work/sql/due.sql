-- Operations of all tenants whose time has come and that nobody works on.
select tenant, id
from operations
where state = 'pending'
  and next_attempt_at <= :now
  and (lease_until is null or lease_until <= :now
       or (created_at < :sole_since and lease_owner is distinct from :instance)  --? sole_since
      )
order by next_attempt_at
limit :most
