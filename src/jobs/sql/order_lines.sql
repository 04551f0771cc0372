-- The lines of a page of exported orders.
select order_id, sku, quantity, unit_price, line_discount as discount, tax_rate, currency from order_items
where tenant = :tenant and order_id >= :first_id and order_id <= :last_id
order by order_id, id
