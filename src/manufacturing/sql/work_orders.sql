-- Work orders, newest first.
select * from work_orders
where tenant = :tenant
  and status = :status                        --? status
  and kind = :kind                            --? kind
  and bom_id = :bom_id                        --? bom_id
  and product_id = :product_id                --? product_id
  and location_id = :location_id              --? location_id
  and work_order_number = :work_order_number  --? work_order_number
  and assignee = :assignee                    --? assignee
  and due_on <= :due_before                   --? due_before
  and claim_id = :claim_id                    --? claim_id
  and created_at > :created_after             --? created_after
  and id > :ids_after                         --? created_after
  and created_at < :created_before            --? created_before
  and id < :ids_before                        --? created_before
  and id < :after_id                          --? after_id
order by id desc
limit :limit
