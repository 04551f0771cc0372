-- Whether any tenant has an endpoint that listens; else events need no fan-out.
select tenant from webhook_endpoints where status = 'enabled' limit 1
