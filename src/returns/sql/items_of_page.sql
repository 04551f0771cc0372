-- What comes back with the returns of one page of a list, for expand=items: the same filters as list.sql.
select * from return_items
where tenant = :tenant
  and return_id in (select id from returns
                    where tenant = :tenant
                      and id between :oldest and :newest
                      and order_id = :order_id          --? order_id
                      and customer_id = :customer_id    --? customer_id
                      and status = :status              --? status
                      and rma_number = :rma_number      --? rma_number
                      and created_at > :created_after   --? created_after
                      and created_at < :created_before  --? created_before
                   )
order by return_id, id
