-- What the work orders of one page of a list need, for expand=items. The numbers come as a JSON array.
select * from work_order_items
where tenant = :tenant
  and work_order_id in (select id from work_orders
                 where tenant = :tenant
                   and work_order_number in (select value from json_each(:work_order_numbers)))
order by work_order_id, id
