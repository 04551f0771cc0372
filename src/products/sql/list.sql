-- Products, newest first, for people looking for one.
select * from products
where tenant = :tenant
  and status = :status                                     --? status
  and brand = :brand                                       --? brand
  and id in (select product_id from product_variants       --? sku
             where tenant = :tenant and sku = :sku)        --? sku
  and created_at > :created_after                          --? created_after
  and created_at < :created_before                         --? created_before
  and (lower(name) like '%' || lower(:q) || '%'            --? q
       or lower(sku) like '%' || lower(:q) || '%'          --? q
       or lower(brand) like '%' || lower(:q) || '%'        --? q
       or lower(description) like '%' || lower(:q) || '%') --? q
  and id < :after_id                                       --? after_id
order by id desc
limit :limit
