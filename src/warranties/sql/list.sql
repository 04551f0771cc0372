-- Warranties, newest first, for people looking for some.
select * from warranties
where tenant = :tenant
  and status = :status                    --? status
  and customer_id = :customer_id          --? customer_id
  and product_id = :product_id            --? product_id
  and order_id = :order_id                --? order_id
  and serial_number = :serial_number      --? serial_number
  and warranty_number = :warranty_number  --? warranty_number
  and ends_on < :ends_before              --? ends_before
  and created_at > :created_after         --? created_after
  and id > :ids_after                     --? created_after
  and created_at < :created_before        --? created_before
  and id < :ids_before                    --? created_before
  and id < :after_id                      --? after_id
order by id desc
limit :limit
