-- What was claimed under one warranty, oldest first.
select * from claims where tenant = :tenant and warranty_id = :warranty_id order by id limit 1000
