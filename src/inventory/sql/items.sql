-- Items, newest first, for people looking for one.
select * from inventory_items
where tenant = :tenant
  and item_number = :item_number                           --? item_number
  and created_at > :created_after                          --? created_after
  and created_at < :created_before                         --? created_before
  and (lower(item_number) like '%' || lower(:q) || '%'     --? q
       or lower(description) like '%' || lower(:q) || '%') --? q
  and id < :after_id                                       --? after_id
order by id desc
limit :limit
