-- What was counted, in the order in which it was first counted.
select * from inventory_count_lines
where tenant = :tenant and count_id = :id
order by id
limit 10000
