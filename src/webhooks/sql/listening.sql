-- All endpoints that listen, for the fan-out of events.
select tenant, id, events, enabled_at from webhook_endpoints where status = 'enabled'
