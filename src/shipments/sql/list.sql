-- Shipments, newest first, for people looking for one.
select * from shipments
where tenant = :tenant
  and order_id = :order_id                --? order_id
  and status = :status                    --? status
  and carrier = :carrier                  --? carrier
  and tracking_number = :tracking_number  --? tracking_number
  and created_at > :created_after         --? created_after
  and id > :ids_after                     --? created_after
  and created_at < :created_before        --? created_before
  and id < :ids_before                    --? created_before
  and id < :after_id                      --? after_id
order by id desc
limit :limit
