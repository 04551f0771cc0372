-- What the user who asked for a job may do now.
select id, roles from users where tenant = :tenant and id = :actor_id and active
