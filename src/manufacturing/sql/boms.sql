-- BOMs, newest first.
select * from boms
where tenant = :tenant
  and product_id = :product_id      --? product_id
  and status = :status              --? status
  and bom_number = :bom_number      --? bom_number
  and sku = :sku                    --? sku
  and created_at > :created_after   --? created_after
  and id > :ids_after               --? created_after
  and created_at < :created_before  --? created_before
  and id < :ids_before              --? created_before
  and id < :after_id                --? after_id
order by id desc
limit :limit
