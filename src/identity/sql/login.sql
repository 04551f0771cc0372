-- Who logs in with this address. Login names no tenant, so this asks over all of them.
select id, tenant as of_tenant, password, active from users where email = :email
