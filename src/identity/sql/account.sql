-- The account of one tenant.
select * from tenant_accounts where tenant = :tenant and id = :id
