-- What is in the shipments of one page of a list, for expand=items: the same filters as list.sql.
select * from shipment_items
where tenant = :tenant
  and shipment_id in (select id from shipments
                      where tenant = :tenant
                        and id between :oldest and :newest
                        and order_id = :order_id                --? order_id
                        and status = :status                    --? status
                        and carrier = :carrier                  --? carrier
                        and tracking_number = :tracking_number  --? tracking_number
                        and created_at > :created_after         --? created_after
                        and created_at < :created_before        --? created_before
                     )
order by shipment_id, id
