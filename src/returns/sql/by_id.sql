-- One return.
select * from returns where tenant = :tenant and id = :id
