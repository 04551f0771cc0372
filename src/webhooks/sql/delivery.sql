-- One webhook delivery.
select * from webhook_deliveries where tenant = :tenant and id = :id
