-- One order and its lines by key, both questions at once.
\set n random(1, :picks) * :stride
\startpipeline
select * from orders where tenant = 1 and id = bench.key(0, :n);
select * from order_items where tenant = 1 and order_id = bench.key(0, :n) order by id limit 1000;
\endpipeline
