-- Orders, newest first, for people looking for some.
-- Those with a sku are found by their lines, which lie in the same order: no more are looked up than shown.
select orders.* from orders                             --? !sku
select orders.* from (select distinct order_id          --? sku
                      from order_items                  --? sku
                      where tenant = :tenant            --? sku
                        and sku = :sku                  --? sku
                      order by order_id desc) as lines  --? sku
join orders on orders.tenant = :tenant                  --? sku
  and orders.id = order_id                              --? sku
where tenant = :tenant
  and status = :status                                  --? status
  and payment_status = :payment_status                  --? payment_status
  and fulfillment_status = :fulfillment_status          --? fulfillment_status
  and customer_id = :customer_id                        --? customer_id
  and order_number = :order_number                      --? order_number
  and archived_at is null                               --? !archived
  and archived_at is not null                           --? archived=1
  and archived_at is null                               --? archived=0
  and created_at > :created_after                       --? created_after
  and id > :ids_after                                   --? created_after
  and created_at < :created_before                      --? created_before
  and id < :ids_before                                  --? created_before
  and id < :after_id                                    --? after_id
order by id desc
limit :limit
