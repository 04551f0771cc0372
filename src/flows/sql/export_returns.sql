-- The returns of one customer, for the export of what is stored about them.
select * from returns where tenant = :tenant and customer_id = :id order by id
