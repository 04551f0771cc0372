-- What the anchors lean on, beside the tables of the server. `first_ms` is when the first loaded order was placed.
-- Loaded things have ids that pgbench can work out from their number, in the order of time as the server's own are.
create schema bench;
create sequence bench.numbers;

create function bench.placed_at_ms(n bigint) returns bigint language sql immutable
return :first_ms + n * 25000;

create function bench.placed_at(n bigint) returns timestamptz language sql immutable
return to_timestamp(0) + bench.placed_at_ms(n) * interval '1 millisecond';

-- kind: 0 an order, 1 and 2 its lines, 3 its payment, 4 its shipment, 5 and 6 the shipment's lines, 7… their events.
create function bench.key(kind integer, n bigint) returns uuid language sql immutable
return cast(lpad(to_hex(bench.placed_at_ms(n)), 12, '0') || '700' || to_hex(kind) || '8000' ||
            lpad(cast(n as text), 12, '0') as uuid);

-- A new id, in the order of time as the server's are, so that indexes grow at their end for both.
create function bench.id() returns uuid language sql volatile
return cast(overlay(replace(cast(gen_random_uuid() as text), '-', '')
                    placing lpad(to_hex(cast(extract(epoch from clock_timestamp()) * 1000 as bigint)), 12, '0') || '7'
                    from 1 for 13) as uuid);

-- What the events of the anchors say: the server's own bytes.
select data as created from events where type = 'order.created' limit 1 \gset
select data as reserved from events where type = 'inventory.reserved' limit 1 \gset
create function bench.created() returns json language sql immutable return cast(:'created' as json);
create function bench.reserved() returns json language sql immutable return cast(:'reserved' as json);

grant usage on schema bench to stateset;
grant usage on sequence bench.numbers to stateset;
