-- What the user who asked for a job may do now.
select id, roles from users u
where tenant = :tenant and id = :actor_id and active
  and not exists (select 1 from tenant_accounts a
                  where a.tenant = 1 and a.tenant_number = u.tenant and a.status = 'suspended')
