-- What was counted in the counts of one page of a list, for expand=lines: the same filters as counts.sql.
select * from inventory_count_lines
where tenant = :tenant
  and count_id in (select id from inventory_counts
                   where tenant = :tenant
                     and id between :oldest and :newest
                     and status = :status             --? status
                     and location_id = :location_id   --? location_id
                     and created_at > :created_after  --? created_after
                     and created_at < :created_before --? created_before
                  )
order by count_id, id
