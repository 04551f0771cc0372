-- A replay as it stands, with what its endpoint listens to; no row when either is gone. While events are committed
-- that a transaction under way keeps from the log's readers, it is unsettled: it must not end before them.
select r.id, r.endpoint_id, r.position, r.after_time, r.before_time, r.before_position, e.events,
       exists (select 1 from events as v where v.tenant = r.tenant and v.position >= log_horizon()) as unsettled
from webhook_replays as r
join webhook_endpoints as e on e.tenant = r.tenant and e.id = r.endpoint_id and e.status = 'enabled'
where r.tenant = :tenant and r.id = :id and r.status = 'running'
