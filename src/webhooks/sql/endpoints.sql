-- Webhook endpoints, newest first.
select * from webhook_endpoints
where tenant = :tenant
  and status = :status --? status
  and id < :after_id   --? after_id
order by id desc
limit :limit
