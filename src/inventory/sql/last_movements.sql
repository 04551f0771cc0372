-- Why is it not available: what happened last.
select * from inventory_movements
where tenant = :tenant and item_id = :id
order by id desc
limit 20
