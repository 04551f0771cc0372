-- The warranties of one customer, for the export of what is stored about them.
select * from warranties where tenant = :tenant and customer_id = :id order by id
