-- Counts, newest first.
select * from inventory_counts
where tenant = :tenant
  and status = :status             --? status
  and location_id = :location_id   --? location_id
  and created_at > :created_after  --? created_after
  and id > :ids_after              --? created_after
  and created_at < :created_before --? created_before
  and id < :ids_before             --? created_before
  and id < :after_id               --? after_id
order by id desc
limit :limit
