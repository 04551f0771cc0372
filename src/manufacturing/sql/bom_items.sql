-- The lines of one BOM, in the order they were given.
select * from bom_items where tenant = :tenant and bom_id = :id order by id limit 500
