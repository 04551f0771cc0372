-- Sessions that ended long enough ago to be forgotten, a few at a time, over all tenants.
select id, tenant as of_tenant from sessions where expires_at < :before order by expires_at limit 20
