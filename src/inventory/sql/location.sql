-- One location.
select * from locations where tenant = :tenant and id = :id
