-- Payments, newest first, also those of one order.
select * from payments
where tenant = :tenant
  and order_id = :order_id           --? order_id
  and status = :status               --? status
  and created_at > :created_after    --? created_after
  and id > :ids_after                --? created_after
  and created_at < :created_before   --? created_before
  and id < :ids_before               --? created_before
  and id < :after_id                 --? after_id
order by id desc
limit :limit
