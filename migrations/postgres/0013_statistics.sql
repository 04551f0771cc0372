-- What the planner is told about tables that hold nothing yet, as SQLite's is told after its migrations. Without it,
-- all indexes that begin with the tenant look alike, and the statements a process prepares on an empty database walk
-- a whole tenant until the first autoanalyze. A sample row says that ids are unique; that a tenant may be a whole
-- table, and a location a good part of it, is said for good. The rows go with `truncate`, which leaves the statistics
-- and forgets the size. A table that a later migration adds is told about there. A database in use is measured.
do $$
declare
    sample constant uuid := '00000000-0000-7000-8000-000000000000';
    t constant timestamptz := now();
    known text;
    every text;
begin
    lock table tenants in share row exclusive mode;
    for known in select table_name from information_schema.columns
                 where table_schema = current_schema and column_name = 'tenant' loop
        execute format('alter table %I alter column tenant set (n_distinct = 1)', known);
        every := concat_ws(', ', every, quote_ident(known));
    end loop;
    alter table inventory_balances alter column location_id set (n_distinct = 4);
    alter table inventory_reservations alter column location_id set (n_distinct = 4);
    if exists (select from tenants) then
        execute 'analyze ' || every;
        return;
    end if;
    if exists (select from installation_secrets) then
        return;
    end if;
    insert into events values (1, 1, sample, 'x', 1, 'x', 'x', sample, '{}', 'x', 'x', t);
    insert into idempotency_records values (1, sample, 'x', 'x', 'done', sample, 200, '', '', '', false, t);
    insert into number_blocks values (1, 'x', 1);
    insert into cursors values (1, sample, 'x', 1, 1);
    insert into installation_secrets values (1, sample, 'x', 'x', t);
    insert into operations values (1, sample, 'x', sample, 'pending', 0, '{}', t, null, null, 'x', t, t);
    insert into tenants values (0, sample, 1, 'x', 1, t);
    insert into users values (1, sample, 1, 'x', null, 'x', '[]', true, t, t, t, 1);
    insert into roles values (1, sample, 1, 'x', null, '[]', true, 0, t, t, 1);
    insert into api_keys values (1, sample, 1, sample, 'x', 'x', 'x', '[]', 'active', null, t, t, 1);
    insert into api_key_uses values (1, sample, t);
    insert into sessions values (1, sample, sample, 0, 'x', null, t, t, null, t);
    insert into customers values (1, sample, 1, 'x', null, null, null, 'x', '{}', '[]', null, t, t, 1);
    insert into customer_addresses values (1, sample, sample, 1, null, '{}', t, t);
    insert into products values (1, sample, 1, 'x', 'x', null, 'x', 1, 'XXX', 'active', true, '{}', '[]', t, t, 1);
    insert into product_variants values (1, sample, sample, 1, 'x', 'x', '{}', 1, 'XXX', null, null, true, 'active', t, t);
    insert into locations values (1, 1, 1, 'x', 'x', 'x', 1, true, null, t, t, 1);
    insert into inventory_items values (1, 1, 1, 'x', null, 'x', t, t, 1);
    insert into inventory_balances values (1, sample, 1, 1, 1, 1, 0, 1, 1, true, t, t, 1);
    insert into inventory_reservations values (1, sample, 1, 1, 1, 1, 0, 'active', t, null, sample, sample, t, t, 1);
    insert into inventory_movements values (1, sample, 1, 1, 'x', 1, 1, null, sample, 'x', t);
    insert into orders values (1, sample, 1, 'x', sample, 'pending', 'x', 'x', null, 'XXX', 0, 0, 0, 0, 0, 'x', null, null,
        null, null, null, '{}', '[]', null, t, t, 1);
    insert into order_items values (1, sample, sample, sample, 'x', 'x', 1, 'XXX', 0, 0, 0, 0, 0, 0, 0, 0, true);
    insert into payments values (1, sample, 1, sample, 'XXX', 1, 'x', 'x', '{}', 'x', true, 0, 0, 0, null, null, '{}',
        sample, t, t, 1);
    insert into refunds values (1, sample, sample, sample, 1, 'XXX', 1, 'x', null, null, null, t, t, 1);
    insert into gateway_messages values (1, sample, 'x', 'x', t);
    insert into sandbox_charges values (1, sample, 'x', 'x', 'XXX', 1, 0, 0, false, t);
    insert into sandbox_calls values (1, sample, 'x', true, null, null, null, t);
    insert into shipments values (1, sample, 1, sample, 1, 'pending', 'x', null, 'x', null, '[]', null, null, '{}', t, t, 1);
    insert into shipment_items values (1, sample, sample, sample, 'x', 1);
    insert into carriers values (1, sample, 1, 'x', 'x', 'x', null, null, t, t);
    insert into carrier_messages values (1, sample, 'x', 'x', sample, t);
    insert into webhook_endpoints values (1, sample, 1, 'x', '[]', null, 'enabled', null, null, '{}', t, 'x', null, null,
        t, t, 1);
    insert into webhook_deliveries values (1, sample, 1, sample, sample, 'x', 'x', 'x', 1, 'pending', '[]', 0, t, 'x', t,
        t, t);
    insert into webhook_replays values (1, sample, 1, sample, 'running', 0, 0, null, null, null, t, t);
    insert into leases values (0, sample, 'x', 'x', t, 1);
    execute 'analyze ' || every;
    set constraints all immediate;
    execute 'truncate ' || every;
end $$;
