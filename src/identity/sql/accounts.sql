-- The accounts of all tenants, newest first, for who administers them.
select * from tenant_accounts
where tenant = :tenant
  and status = :status --? status
  and id < :after_id   --? after_id
order by id desc
limit :limit
