-- Webhook deliveries, newest first, for who looks for what did not arrive.
select * from webhook_deliveries
where tenant = :tenant
  and endpoint_id = :endpoint_id --? endpoint_id
  and status = :status           --? status
  and event_type = :event_type   --? event_type
  and id < :after_id             --? after_id
order by id desc
limit :limit
