-- What is to be sent next on one channel and nobody is sending, in order. A row whose time has not come tells when to
-- look again.
select tenant, id, next_attempt_at
from notification_messages
where status = 'pending' and channel = :channel
  and (lease_until is null or lease_until <= :now or (:alone and lease_owner <> :owner))
order by next_attempt_at
limit :most
