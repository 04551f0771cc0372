-- One balance.
select * from inventory_balances where tenant = :tenant and id = :id
