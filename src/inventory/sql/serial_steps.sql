-- What happened to a piece, oldest first: the last hundred steps.
select * from (select * from inventory_serial_steps
               where tenant = :tenant and serial_id = :id
               order by id desc
               limit 100) last
order by id
