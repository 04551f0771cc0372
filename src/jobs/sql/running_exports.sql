-- Exports with rows to write, of all tenants.
select tenant, id from exports where status = 'running' order by tenant, id limit :most
