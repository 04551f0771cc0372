-- Transfers, newest first.
select * from inventory_transfers
where tenant = :tenant
  and status = :status                     --? status
  and from_location_id = :from_location_id --? from_location_id
  and to_location_id = :to_location_id     --? to_location_id
  and reference = :reference               --? reference
  and created_at > :created_after          --? created_after
  and id > :ids_after                      --? created_after
  and created_at < :created_before         --? created_before
  and id < :ids_before                     --? created_before
  and id < :after_id                       --? after_id
order by id desc
limit :limit
