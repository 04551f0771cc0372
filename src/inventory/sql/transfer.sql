-- One transfer.
select * from inventory_transfers where tenant = :tenant and id = :id
