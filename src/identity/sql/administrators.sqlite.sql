-- The first administrator of a tenant, for a key that no owner was named for.
select id, tenant as of_tenant from users
where tenant = :tenant and active and roles like '%"admin"%'
order by id limit 1
