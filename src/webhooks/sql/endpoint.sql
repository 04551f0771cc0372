-- One webhook endpoint.
select * from webhook_endpoints where tenant = :tenant and id = :id
