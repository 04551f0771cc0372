-- The tenant that an operator means, by name or number.
select * from tenants
where tenant = 0 and (name = :wanted or cast(number as text) = :wanted)
order by number limit 1
