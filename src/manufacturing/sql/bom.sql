-- One BOM.
select * from boms where tenant = :tenant and id = :id
