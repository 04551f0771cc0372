-- The carriers of a tenant, newest first.
select * from carriers
where tenant = :tenant
  and code = :code        --? code
  and id < :after_id      --? after_id
order by id desc
limit :limit
