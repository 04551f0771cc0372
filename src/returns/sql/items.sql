-- What comes back with one return, in the order it was announced.
select * from return_items where tenant = :tenant and return_id = :id order by id limit 1000
