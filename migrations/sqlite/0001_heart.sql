-- What every command leans on. Conventions of all tables: `tenant` and `id` are the key; ids are 16-byte UUIDs;
-- times count microseconds since 1970 (UTC); money counts minor units; stock quantities count ten-thousandths;
-- words of an enumeration and JSON are text.

-- The append-only log: outbox, timeline, audit and feed. `position` is its order; rows are never changed.
create table events (
    position integer primary key autoincrement,
    tenant integer not null,
    id blob not null,
    type text not null,
    sequence integer not null check (sequence > 0),
    aggregate_type text not null,
    aggregate_id text not null,
    order_id blob,
    data text not null,
    actor text not null,
    request_id text not null,
    occurred_at integer not null
) strict;
create index events_of_tenant on events (tenant, position);
create index events_of_order on events (tenant, order_id, position) where order_id is not null;

-- The answer of each write that came with an Idempotency-Key; committed with its effect.
create table idempotency_records (
    tenant integer not null,
    id blob not null,
    scope text not null,
    fingerprint text not null,
    progress text not null check (progress in ('running', 'done')),
    operation blob,
    status integer not null,
    body text not null,
    etag text not null,
    location text not null,
    sealed integer not null,
    created_at integer not null,
    primary key (tenant, id),
    unique (tenant, scope)
) strict, without rowid;
create unique index idempotency_of_operation on idempotency_records (tenant, operation)
    where operation is not null;
create index idempotency_by_age on idempotency_records (created_at);

-- Blocks of numbers for people (SO-1001); a process leases a block and hands out its numbers.
create table number_blocks (
    tenant integer not null,
    sequence text not null,
    next integer not null,
    primary key (tenant, sequence)
) strict, without rowid;

-- The last committed batch, so that a lost commit can be asked for.
create table last_batch (id blob) strict;
insert into last_batch values (null);

-- How far each reader of the log has come.
create table cursors (
    tenant integer not null,
    id blob not null,
    name text not null,
    position integer not null,
    version integer not null,
    primary key (tenant, id),
    unique (tenant, name)
) strict, without rowid;

-- Secrets all instances share: the cursor key, signing keys. Whoever can read this file can act as the server.
create table installation_secrets (
    tenant integer not null,
    id blob not null,
    name text not null,
    value text not null,
    created_at integer not null,
    primary key (tenant, id),
    unique (tenant, name)
) strict, without rowid;
