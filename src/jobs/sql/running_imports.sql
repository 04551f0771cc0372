-- Imports with lines to do, of all tenants.
select tenant, id from imports where status = 'running' order by tenant, id limit :most
