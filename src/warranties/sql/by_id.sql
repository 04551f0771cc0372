-- One warranty.
select * from warranties where tenant = :tenant and id = :id
