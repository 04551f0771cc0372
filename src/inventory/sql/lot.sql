-- One lot.
select * from inventory_lots where tenant = :tenant and id = :id
