-- An export, for who asks how far it is.
select * from exports where tenant = :tenant and id = :id
