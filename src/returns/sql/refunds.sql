-- What one return gave back, oldest first.
select * from refunds where tenant = :tenant and return_id = :id order by id limit 1000
