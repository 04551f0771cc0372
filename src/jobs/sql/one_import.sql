-- An import, for who asks how far it is.
select * from imports where tenant = :tenant and id = :id
