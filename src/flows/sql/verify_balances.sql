-- No stock is promised that is not there.
select tenant, 'inventory_balances', id, 'on_hand is ' || on_hand || ', allocated ' || allocated
from inventory_balances
where on_hand < 0 or allocated < 0 or allocated > on_hand
