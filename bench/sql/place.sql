-- One order of two lines, with one statement: it looks up the customer and the prices by key, and writes the order,
-- its lines and its event.
\set a random(1, 10000)
\set b random(1, 10000)
\set c random(1, 1000)
with buyer as materialized (
    select id from customers where tenant = 1 and email = 'buyer-' || :c || '@example.com'),
chosen as materialized (
    select v.product_id, v.sku, v.name, v.price, v.currency, v.track_inventory, w.quantity, bench.id() as line
    from (values ('SKU-' || :a, 1), ('SKU-' || :b, 2)) as w(sku, quantity)
    join product_variants v on v.tenant = 1 and v.sku = w.sku),
placed as (
    insert into orders (tenant, id, version, order_number, customer_id, status, payment_status, fulfillment_status,
        currency, subtotal, discount_total, tax_total, shipping_total, total, payment_terms, metadata, tags,
        created_at, updated_at, event_sequence)
    select 1, bench.id(), 1, 'BENCH-' || nextval('bench.numbers'), buyer.id, 'pending', 'unpaid', 'unfulfilled',
        'USD', sums.total, 0, 0, 0, sums.total, 'prepaid', '{}', '[]', now(), now(), 1
    from buyer, (select sum(price * quantity) as total from chosen) as sums
    returning id),
lines as (
    insert into order_items (tenant, id, order_id, product_id, sku, name, quantity, currency, unit_price, tax_rate,
        tax, discount, total, reserved, shipped, returned, track_inventory)
    select 1, line, placed.id, product_id, sku, name, quantity, currency, price, 0, 0, 0, price * quantity, 0, 0, 0,
        track_inventory
    from chosen, placed)
insert into events (position, tenant, id, type, sequence, aggregate_type, aggregate_id, order_id, data, actor,
    request_id, occurred_at)
select (select base from log_epoch) + (cast(cast(pg_current_xact_id() as text) as bigint) << 20) + 1, 1, bench.id(),
    'order.created', 1, 'order', cast(id as text), id, bench.created(),
    'api_key:01a2062c-e3ac-7007-9cd7-32190b6fbad5', '01a2062e-9f58-700a-b3c8-1583458a188a', now()
from placed;
