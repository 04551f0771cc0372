-- Returns, newest first, for people looking for one.
select * from returns
where tenant = :tenant
  and order_id = :order_id          --? order_id
  and customer_id = :customer_id    --? customer_id
  and status = :status              --? status
  and rma_number = :rma_number      --? rma_number
  and created_at > :created_after   --? created_after
  and id > :ids_after               --? created_after
  and created_at < :created_before  --? created_before
  and id < :ids_before              --? created_before
  and id < :after_id                --? after_id
order by id desc
limit :limit
