-- One user.
select * from users where tenant = :tenant and id = :id
