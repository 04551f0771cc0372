-- Orders, newest or oldest first, for people looking for some.
-- `q` is looked up by the beginnings of what has an index, and in the notes of the orders that have some.
select * from orders
where tenant = :tenant
  and status = :status                                                                                          --? status
  and payment_status = :payment_status                                                                          --? payment_status
  and fulfillment_status = :fulfillment_status                                                                  --? fulfillment_status
  and customer_id = :customer_id                                                                                --? customer_id
  and order_number = :order_number                                                                              --? order_number
  and id in (select order_id from order_items                                                                   --? sku
             where tenant = :tenant and sku = :sku)                                                             --? sku
  and id in (select order_id from order_tags                                                                    --? tag
             where tenant = :tenant and tag = :tag)                                                             --? tag
  and id in (select order_id from backorders where tenant = :tenant)                                            --? backordered=1
  and id not in (select order_id from backorders where tenant = :tenant)                                        --? backordered=0
  and id in (select id from orders                                                                              --? q
             where tenant = :tenant and order_number >= upper(:q)                                               --? q
               and order_number < upper(:q) || char(1114111)                                                    --? q
             union                                                                                              --? q
             select order_id from order_items                                                                   --? q
             where tenant = :tenant and sku >= :q and sku < :q || char(1114111)                                 --? q
             union                                                                                              --? q
             select o.id from customers c                                                                       --? q
             join orders o on o.tenant = c.tenant and o.customer_id = c.id                                      --? q
             where c.tenant = :tenant and c.email >= lower(:q)                                                  --? q
               and c.email < lower(:q) || char(1114111)                                                         --? q
             union                                                                                              --? q
             select o.id from customers c                                                                       --? q
             join orders o on o.tenant = c.tenant and o.customer_id = c.id                                      --? q
             where c.tenant = :tenant and lower(c.first_name || ' ' || coalesce(c.last_name, '')) >= lower(:q)  --? q
               and lower(c.first_name || ' ' || coalesce(c.last_name, '')) < lower(:q) || char(1114111)         --? q
             union                                                                                              --? q
             select o.id from customers c                                                                       --? q
             join orders o on o.tenant = c.tenant and o.customer_id = c.id                                      --? q
             where c.tenant = :tenant and lower(c.last_name) >= lower(:q)                                       --? q
               and lower(c.last_name) < lower(:q) || char(1114111)                                              --? q
             union                                                                                              --? q
             select id from orders indexed by orders_with_notes                                                 --? q
             where tenant = :tenant and notes is not null                                                       --? q
               and replace(lower(notes), lower(:q), '') <> lower(notes))                                        --? q
  and archived_at is null                                                                                       --? !archived
  and archived_at is not null                                                                                   --? archived=1
  and archived_at is null                                                                                       --? archived=0
  and created_at > :created_after                                                                               --? created_after
  and id > :ids_after                                                                                           --? created_after
  and created_at < :created_before                                                                              --? created_before
  and id < :ids_before                                                                                          --? created_before
  and id < :after_id                                                                                            --? after_id --? !sort=oldest
  and id > :after_id                                                                                            --? after_id --? sort=oldest
order by id desc                                                                                                --? !sort=oldest
order by id asc                                                                                                 --? sort=oldest
limit :limit
