-- One line of one order.
select * from order_items where tenant = :tenant and id = :order_item_id and order_id = :id
