-- What a transfer moves, in the order in which it was asked for.
select * from inventory_transfer_items
where tenant = :tenant and transfer_id = :id
order by id
limit 500
