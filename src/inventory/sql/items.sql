-- Items, newest first, for people looking for one.
-- `q` is found by what replacing it would change: unlike `like`, that knows no wildcards.
select * from inventory_items
where tenant = :tenant
  and item_number = :item_number                                            --? item_number
  and created_at > :created_after                                           --? created_after
  and created_at < :created_before                                          --? created_before
  and (replace(lower(item_number), lower(:q), '') <> lower(item_number)     --? q
       or replace(lower(description), lower(:q), '') <> lower(description)) --? q
  and id < :after_id                                                        --? after_id
order by id desc
limit :limit
