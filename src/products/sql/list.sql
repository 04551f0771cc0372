-- Products, newest first, for people looking for one.
-- `q` is found by what replacing it would change: unlike `like`, that knows no wildcards.
select * from products
where tenant = :tenant
  and status = :status                                                      --? status
  and brand = :brand                                                        --? brand
  and id in (select product_id from product_variants                        --? sku
             where tenant = :tenant and sku = :sku)                         --? sku
  and created_at > :created_after                                           --? created_after
  and id > :ids_after                                                       --? created_after
  and created_at < :created_before                                          --? created_before
  and id < :ids_before                                                      --? created_before
  and (replace(lower(name), lower(:q), '') <> lower(name)                   --? q
       or replace(lower(sku), lower(:q), '') <> lower(sku)                  --? q
       or replace(lower(brand), lower(:q), '') <> lower(brand)              --? q
       or replace(lower(description), lower(:q), '') <> lower(description)) --? q
  and id < :after_id                                                        --? after_id
order by id desc
limit :limit
