-- Customers, newest first, for people looking for one.
-- `q` is found by what replacing it would change: unlike `like`, that knows no wildcards.
select * from customers
where tenant = :tenant
  and email = :email                                                     --? email
  and external_id = :external_id                                         --? external_id
  and created_at > :created_after                                        --? created_after
  and id > :ids_after                                                    --? created_after
  and created_at < :created_before                                       --? created_before
  and id < :ids_before                                                   --? created_before
  and (replace(lower(email), lower(:q), '') <> lower(email)              --? q
       or replace(lower(first_name), lower(:q), '') <> lower(first_name) --? q
       or replace(lower(last_name), lower(:q), '') <> lower(last_name))  --? q
  and id < :after_id                                                     --? after_id
order by id desc
limit :limit
