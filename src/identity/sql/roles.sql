-- The roles of a tenant, newest first.
select * from roles
where tenant = :tenant
  and id < :after_id --? after_id
order by id desc
limit :limit
