-- One role.
select * from roles where tenant = :tenant and id = :id
