-- One order and its lines by key, one question after the other.
\set n random(1, :picks) * :stride
select * from orders where tenant = 1 and id = bench.key(0, :n);
select * from order_items where tenant = 1 and order_id = bench.key(0, :n) order by id limit 1000;
