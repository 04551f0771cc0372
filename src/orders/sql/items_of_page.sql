-- The lines of the orders of one page of a list, for expand=items. The numbers come as a JSON array.
select * from order_items
where tenant = :tenant
  and order_id in (select id from orders
                   where tenant = :tenant
                     and order_number in (select jsonb_array_elements_text(:order_numbers)))
order by order_id, id
