-- Customers, newest first, for people looking for one.
select * from customers
where tenant = :tenant
  and email = :email                                     --? email
  and external_id = :external_id                         --? external_id
  and created_at > :created_after                        --? created_after
  and created_at < :created_before                       --? created_before
  and (lower(email) like '%' || lower(:q) || '%'         --? q
       or lower(first_name) like '%' || lower(:q) || '%' --? q
       or lower(last_name) like '%' || lower(:q) || '%') --? q
  and id < :after_id                                     --? after_id
order by id desc
limit :limit
