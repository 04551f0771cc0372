-- Claims, newest first, for people looking for some.
select * from claims
where tenant = :tenant
  and status = :status                --? status
  and warranty_id = :warranty_id      --? warranty_id
  and customer_id = :customer_id      --? customer_id
  and product_id = :product_id        --? product_id
  and order_id = :order_id            --? order_id
  and work_order_id = :work_order_id  --? work_order_id
  and claim_number = :claim_number    --? claim_number
  and created_at > :created_after     --? created_after
  and id > :ids_after                 --? created_after
  and created_at < :created_before    --? created_before
  and id < :ids_before                --? created_before
  and id < :after_id                  --? after_id
order by id desc
limit :limit
