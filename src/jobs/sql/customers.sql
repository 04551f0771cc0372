-- Customers for an export, in the order of their ids.
select * from customers
where tenant = :tenant and created_at <= :until and erased_at is null
  and id > :after_id --? after_id
  and created_at >= :created_after --? created_after
  and created_at < :created_before --? created_before
order by id
limit :most
