-- Whose a session is; a refresh token names no tenant, so this asks over all of them.
select id, tenant as of_tenant from sessions where id = :id
