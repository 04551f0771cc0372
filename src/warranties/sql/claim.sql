-- One claim.
select * from claims where tenant = :tenant and id = :id
