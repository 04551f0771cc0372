-- How many orders were placed in each hour since then. Ids follow time, so that no others are walked.
select cast(floor(extract(epoch from created_at) / 3600) as bigint) as hour, count(*) as orders,
       sum(case when status = 'cancelled' then 1 else 0 end) as cancelled
from orders
where tenant = :tenant
  and id >= :ids_from
  and created_at >= :since
group by 1
order by 1
