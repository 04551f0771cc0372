-- Messages to one customer, to be forgotten with them.
select tenant, id from notification_messages
where tenant = :of_tenant and customer_id = :customer_id
order by id
limit :most
