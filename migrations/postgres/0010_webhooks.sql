-- Who is told about events, and what became of each message.

create table webhook_endpoints (
    tenant bigint not null,
    id uuid not null,
    version bigint not null,
    url text not null,
    events jsonb not null check (jsonb_typeof(events) = 'array'),
    description text,
    status text not null check (status in ('enabled', 'disabled')),
    disabled_reason text check (disabled_reason in ('by_hand', 'gone', 'failing')),
    failing_since timestamptz,
    metadata jsonb not null,
    enabled_at timestamptz not null,
    secret text not null,
    former_secret text,
    former_secret_until timestamptz,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    event_sequence bigint not null,
    primary key (tenant, id),
    check ((status = 'disabled') = (disabled_reason is not null)),
    check ((former_secret is null) = (former_secret_until is null))
);
comment on table webhook_endpoints is 'Who is told about events.';
comment on column webhook_endpoints.events is 'Array of patterns like order.*.';
comment on column webhook_endpoints.failing_since is 'The first failure after the last success.';
comment on column webhook_endpoints.enabled_at is 'Older events are not for it.';
comment on column webhook_endpoints.secret is 'Signs the messages; sealed with a key of installation_secrets.';
comment on column webhook_endpoints.former_secret is 'Signs too until former_secret_until.';

create table webhook_deliveries (
    tenant bigint not null,
    id uuid not null,
    version bigint not null,
    endpoint_id uuid not null,
    event_id uuid not null,
    event_type text not null,
    aggregate_type text not null,
    aggregate_id text collate "C" not null,
    position bigint not null,
    status text not null check (status in ('pending', 'delivered', 'dead')),
    attempts jsonb not null check (jsonb_typeof(attempts) = 'array'),
    tries bigint not null check (tries >= 0),
    next_attempt_at timestamptz,
    lease_owner text,
    lease_until timestamptz,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (tenant, id),
    check ((status = 'pending') = (next_attempt_at is not null)),
    check ((lease_owner is null) = (lease_until is null)),
    check (lease_owner is null or status = 'pending')
) with (fillfactor = 70);
create index webhook_deliveries_due on webhook_deliveries (tenant, endpoint_id, next_attempt_at, position)
    where status = 'pending';
create index webhook_deliveries_leased on webhook_deliveries (tenant, endpoint_id, aggregate_id)
    where lease_owner is not null;
create index webhook_deliveries_of_endpoint on webhook_deliveries (tenant, endpoint_id, id);
comment on table webhook_deliveries is 'One event for one endpoint, with every attempt to deliver it.';
comment on column webhook_deliveries.position is 'events.position.';
comment on column webhook_deliveries.attempts is 'Array of attempted_at, status_code, duration_ms, error; the newest 50.';
comment on column webhook_deliveries.tries is 'Place in the schedule of attempts.';
comment on column webhook_deliveries.lease_owner is 'The instance that sends it until lease_until.';

-- Events that are sent once more, on request; `position` is how far this has come.
create table webhook_replays (
    tenant bigint not null,
    id uuid not null,
    version bigint not null,
    endpoint_id uuid not null,
    status text not null check (status in ('running', 'done')),
    deliveries bigint not null check (deliveries >= 0),
    position bigint not null,
    after_time timestamptz,
    before_time timestamptz,
    before_position bigint,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (tenant, id)
) with (fillfactor = 85);
create index webhook_replays_running on webhook_replays (id) where status = 'running';
comment on table webhook_replays is 'Stretches of the log that are sent to an endpoint once more.';
comment on column webhook_replays.deliveries is 'Made so far.';
comment on column webhook_replays.position is 'Events up to here are done.';
