-- Where an item lies, by location.
select * from inventory_balances
where tenant = :tenant and item_id = :id
order by location_id
limit 10000
