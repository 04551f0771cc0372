-- What the roles of a tenant grant; few rows.
select name, permissions from roles where tenant = :of_tenant
