-- Orders, oldest first, for people looking for some.
select * from orders
where tenant = :tenant
  and status = :status                                --? status
  and payment_status = :payment_status                --? payment_status
  and fulfillment_status = :fulfillment_status        --? fulfillment_status
  and customer_id = :customer_id                      --? customer_id
  and order_number = :order_number                    --? order_number
  and id in (select order_id from order_items         --? sku
             where tenant = :tenant and sku = :sku)   --? sku
  and archived_at is null                             --? !archived
  and archived_at is not null                         --? archived=1
  and archived_at is null                             --? archived=0
  and created_at > :created_after                     --? created_after
  and id > :ids_after                                 --? created_after
  and created_at < :created_before                    --? created_before
  and id < :ids_before                                --? created_before
  and id > :after_id                                  --? after_id
order by id asc
limit :limit
