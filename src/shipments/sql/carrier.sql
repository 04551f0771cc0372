-- One carrier.
select * from carriers where tenant = :tenant and id = :id
