-- Whether any line of any tenant waits for stock.
select tenant, id, order_id, quantity from backorders limit :most
