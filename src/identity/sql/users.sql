-- The users of a tenant, newest first.
select * from users
where tenant = :tenant
  and email = :email   --? email
  and active = :active --? active
  and id < :after_id   --? after_id
order by id desc
limit :limit
