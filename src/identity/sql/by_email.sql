-- Whom an operator means by this address, over all tenants.
select id, tenant as of_tenant from users where email = :email
