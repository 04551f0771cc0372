-- What the transfers of one page of a list move, for expand=items: the same filters as transfers.sql.
select * from inventory_transfer_items
where tenant = :tenant
  and transfer_id in (select id from inventory_transfers
                      where tenant = :tenant
                        and id between :oldest and :newest
                        and status = :status                     --? status
                        and from_location_id = :from_location_id --? from_location_id
                        and to_location_id = :to_location_id     --? to_location_id
                        and reference = :reference               --? reference
                        and created_at > :created_after          --? created_after
                        and created_at < :created_before         --? created_before
                     )
order by transfer_id, id
