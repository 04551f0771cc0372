-- What every command leans on. Conventions of all tables: `tenant` and `id` are the key; money counts minor units and
-- stock quantities count ten-thousandths, both as bigint; words of an enumeration are text, structured values jsonb.
-- Text that is indexed compares by bytes (collate "C"), so that no locale of a host can reorder an index. Unique
-- constraints are deferrable: a set-wise update may pass keys on from row to row. Foreign keys stay within an
-- aggregate and are checked at the commit. Tables whose rows change all the time leave room for that (fillfactor).

-- The append-only log: outbox, timeline, audit and feed.
create table events (
    position bigint primary key,
    tenant bigint not null,
    id uuid not null,
    type text not null,
    sequence bigint not null check (sequence > 0),
    aggregate_type text not null,
    aggregate_id text not null,
    order_id uuid,
    data json not null,
    actor text not null,
    request_id text not null,
    occurred_at timestamptz not null
);
create index events_of_tenant on events (tenant, position);
create index events_of_order on events (tenant, order_id, position) where order_id is not null;
comment on table events is 'What happened, in order; rows are never changed. Readers in order take only positions before log_horizon().';
comment on column events.position is 'Place in the log: log_epoch.base + (transaction id << 20) + place within the transaction. Ascending for each aggregate; not without holes.';
comment on column events.tenant is 'tenants.number; 0 is the installation itself.';
comment on column events.type is 'For example order.created.';
comment on column events.sequence is 'Counts the events of one aggregate, from 1, without holes.';
comment on column events.aggregate_id is 'The id of what it happened to: a UUID in its usual form, or a number.';
comment on column events.order_id is 'The order whose timeline shows it.';
comment on column events.data is 'The aggregate as it was shown right after; text kept as it was sent (json, not jsonb). Money as decimal text.';
comment on column events.actor is 'Who did it: user:…, api_key:… or system.';

-- Positions hold transaction ids, which belong to one cluster. When the data moves to another one, `base` is set
-- beyond the largest position, so that the log goes on behind its end.
create table log_epoch (
    system_identifier bigint not null,
    base bigint not null check (base >= 0)
);
create unique index log_epoch_has_one_row on log_epoch ((true));
insert into log_epoch select system_identifier, 0 from pg_control_system();
comment on table log_epoch is 'One row: the cluster that the positions of the log count transactions of, and where they begin.';
comment on column log_epoch.system_identifier is 'Of pg_control_system().';
comment on column log_epoch.base is 'Added to every position made in this cluster.';

-- Every event with a smaller position is visible in this snapshot or never will be: all transactions that may write
-- one have ended. A subtransaction's id is larger than its transaction's, so the oldest running one bounds both.
create function log_horizon() returns bigint
language sql stable parallel safe cost 10
return (select base + (cast(cast(pg_snapshot_xmin(pg_current_snapshot()) as text) as bigint) << 20) from log_epoch);
comment on function log_horizon() is 'Readers that follow the log take only events with a smaller position: no earlier one can appear any more.';

-- The answer of each write that came with an Idempotency-Key; committed with its effect.
create table idempotency_records (
    tenant bigint not null,
    id uuid not null,
    scope text collate "C" not null,
    fingerprint text not null,
    progress text not null check (progress in ('running', 'done')),
    operation uuid,
    status bigint not null,
    body text not null,
    etag text not null,
    location text not null,
    sealed boolean not null,
    created_at timestamptz not null,
    primary key (tenant, id),
    unique (tenant, scope) deferrable,
    unique (tenant, operation) deferrable
);
create index idempotency_by_age on idempotency_records (created_at);
comment on table idempotency_records is 'What was answered to each write with an Idempotency-Key, so that its repetition gets the same bytes.';
comment on column idempotency_records.scope is 'Digest of caller, method, route and key.';
comment on column idempotency_records.fingerprint is 'Digest of the request.';
comment on column idempotency_records.operation is 'The operation whose outcome completes a running record.';
comment on column idempotency_records.status is 'The HTTP status.';
comment on column idempotency_records.sealed is 'The body holds a secret and is encrypted with a key that only the caller can derive.';

-- Blocks of numbers for people (SO-1001); a process leases a block and hands out its numbers.
create table number_blocks (
    tenant bigint not null,
    sequence text collate "C" not null,
    next bigint not null,
    primary key (tenant, sequence)
) with (fillfactor = 50);
comment on table number_blocks is 'Up to where the numbers of each sequence are given to processes; unused ones of a block are holes.';

-- The last batch of each connection that writes, so that a lost commit can be asked for.
create table batch_markers (
    writer uuid primary key,
    batch uuid not null,
    at timestamptz not null
) with (fillfactor = 50);
create index batch_markers_by_age on batch_markers (at);
comment on table batch_markers is 'The last committed batch of each write connection; rows of connections long gone mean nothing.';

-- How far each reader of the log has come.
create table cursors (
    tenant bigint not null,
    id uuid not null,
    name text collate "C" not null,
    position bigint not null,
    version bigint not null,
    primary key (tenant, id),
    unique (tenant, name) deferrable
) with (fillfactor = 50);
comment on table cursors is 'How far each consumer of the log has come.';
comment on column cursors.position is 'events.position up to which it is done.';

-- Secrets all instances share: the cursor key, signing keys. Whoever can read this table can act as the server.
create table installation_secrets (
    tenant bigint not null,
    id uuid not null,
    name text collate "C" not null,
    value text not null,
    created_at timestamptz not null,
    primary key (tenant, id),
    unique (tenant, name) deferrable
);
comment on table installation_secrets is 'Keys that all instances share. Grant nobody a look at it: who reads it can act as the server.';
comment on column installation_secrets.value is 'Base64url.';
