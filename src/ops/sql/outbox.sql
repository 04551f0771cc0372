-- What the webhooks have not taken from the log yet: how many events, and when the first of them happened.
select count(*) as behind, min(occurred_at) as oldest_at
from (select occurred_at from events
      where tenant = :tenant
        and position > (select coalesce(max(position), 0) from cursors
                        where tenant = :everybody and name = 'webhooks')
      order by position
      limit :most) as waiting
