-- One piece.
select * from inventory_serials where tenant = :tenant and id = :id
