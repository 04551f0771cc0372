-- Orders number `first` to `last` with all that hangs from them, as the server would have left them. Of ten orders
-- six are delivered and paid, two are pending, two cancelled, one of these archived; one of 10,000 is on hold, and of
-- one of 10,000 the payment failed.
begin;
set local synchronous_commit = off;
set local work_mem = '256MB';

create temp table chosen on commit drop as
select n, bench.key(0, n) as id, bench.placed_at(n) as at, n % 10 < 6 as delivered, n % 10000 = 6 as failed,
    case when n % 10 < 6 then 'delivered' when n % 10000 = 7 then 'on_hold' when n % 10 < 8 then 'pending'
         else 'cancelled' end as status,
    c.id as customer_id, a.product_id as a_product, a.sku as a_sku, b.product_id as b_product, b.sku as b_sku
from generate_series(cast(:first as bigint), cast(:last as bigint)) as n
join (select id, row_number() over (order by id) - 1 as place from customers
      where tenant = 1 and email like 'buyer-%') as c on c.place = n % 1000
join product_variants a on a.tenant = 1 and a.sku = 'SKU-' || (n % 10000 + 1)
join product_variants b on b.tenant = 1 and b.sku = 'SKU-' || (n * 7 % 10000 + 1);

insert into orders (tenant, id, version, order_number, customer_id, status, payment_status, fulfillment_status,
    held_from, currency, subtotal, discount_total, tax_total, shipping_total, total, payment_terms, metadata, tags,
    archived_at, created_at, updated_at, event_sequence)
select 1, id, 1, 'LOAD-' || n, customer_id, status,
    case when delivered then 'paid' when failed then 'failed' else 'unpaid' end,
    case when delivered then 'fulfilled' else 'unfulfilled' end,
    case when status = 'on_hold' then 'pending' end, 'USD', 14997, 0, 0, 0, 14997, 'prepaid', '{}', '[]',
    case when n % 10 = 9 then at end, at, at, 1
from chosen order by n;

insert into order_items (tenant, id, order_id, product_id, sku, name, quantity, currency, unit_price, tax_rate, tax,
    discount, total, reserved, shipped, returned, track_inventory)
select 1, bench.key(line.kind, n), id, case line.kind when 1 then a_product else b_product end,
    case line.kind when 1 then a_sku else b_sku end, case line.kind when 1 then a_sku else b_sku end, line.kind, 'USD',
    4999, 0, 0, 0, 4999 * line.kind, 0, case when delivered then line.kind else 0 end, 0, false
from chosen, (values (1), (2)) as line(kind) order by n, line.kind;

insert into payments (tenant, id, version, order_id, currency, amount, status, gateway, method, gateway_reference,
    capture, captured, refunded, refunding, metadata, created_at, updated_at, event_sequence)
select 1, bench.key(3, n), 1, id, 'USD', 14997, case when failed then 'failed' else 'captured' end, 'sandbox', '{}',
    'load_' || n, true, case when failed then 0 else 14997 end, 0, 0, '{}', at, at, 1
from chosen where delivered or failed order by n;

insert into shipments (tenant, id, version, order_id, location_id, status, carrier, tracking_number, history,
    shipped_at, delivered_at, metadata, created_at, updated_at, event_sequence)
select 1, bench.key(4, n), 1, id, 1, 'delivered', 'manual', 'LOAD' || n, '[]', at, at, '{}', at, at, 1
from chosen where delivered order by n;

insert into shipment_items (tenant, id, shipment_id, order_item_id, sku, quantity)
select 1, bench.key(4 + line.kind, n), bench.key(4, n), bench.key(line.kind, n),
    case line.kind when 1 then a_sku else b_sku end, line.kind
from chosen, (values (1), (2)) as line(kind) where delivered order by n, line.kind;

-- Their positions lie before all that a transaction of this cluster can give.
insert into events (position, tenant, id, type, sequence, aggregate_type, aggregate_id, order_id, data, actor,
    request_id, occurred_at)
select n * 4 + part.kind, 1, bench.key(7 + part.kind, n), part.type, 1, part.noun,
    cast(bench.key(part.key, n) as text), id, json_build_object('id', bench.key(part.key, n), 'filler', repeat('x', part.bytes)),
    'system', '', at
from chosen,
    (values (0, 'order.created', 'order', 0, 1200), (1, 'payment.captured', 'payment', 3, 400),
            (2, 'shipment.delivered', 'shipment', 4, 600)) as part(kind, type, noun, key, bytes)
where part.kind = 0 or delivered or (part.kind = 1 and failed) order by n, part.kind;
commit;
