-- The oldest events of all tenants that are beyond their time, as far as every consumer of the log and every replay
-- under way has come. Events follow time closely enough that the first one kept ends the search.
select tenant, position
from (select tenant, position, occurred_at from events
      where position <= (select min(position) from cursors where name <> 'forgotten')
        and position <= coalesce((select min(position) from webhook_replays where status = 'running'),
                                 9223372036854775807)
        and position < coalesce((select min(position) from webhook_deliveries where status = 'pending'),
                                9223372036854775807)
      order by position
      limit :most) as oldest
where occurred_at < :before
order by position
