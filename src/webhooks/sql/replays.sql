-- Replays that are not done.
select tenant, id from webhook_replays where status = 'running' order by id
