-- What people call the order that a piece was sold with.
select order_number from orders where tenant = :tenant and id = :order_id
