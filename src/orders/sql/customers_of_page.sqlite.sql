-- The customers of the orders of one page of a list, for expand=customer. The numbers come as a JSON array.
select * from customers
where tenant = :tenant
  and id in (select customer_id from orders
             where tenant = :tenant
               and order_number in (select value from json_each(:order_numbers)))
