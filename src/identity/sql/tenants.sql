-- All tenants of the installation.
select * from tenants order by number
