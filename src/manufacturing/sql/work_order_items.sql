-- What one work order needs, as its BOM lists it.
select * from work_order_items where tenant = :tenant and work_order_id = :id order by id limit 500
