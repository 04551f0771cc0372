-- Who is told about events, and what became of each message.

create table webhook_endpoints (
    tenant integer not null,
    id blob not null,
    version integer not null,
    url text not null,
    events text not null check (json_type(events) = 'array'),
    description text,
    status text not null check (status in ('enabled', 'disabled')),
    disabled_reason text check (disabled_reason in ('by_hand', 'gone', 'failing')),
    failing_since integer,
    metadata text not null,
    enabled_at integer not null,
    secret text not null,
    former_secret text,
    former_secret_until integer,
    created_at integer not null,
    updated_at integer not null,
    event_sequence integer not null,
    primary key (tenant, id),
    check ((status = 'disabled') = (disabled_reason is not null)),
    check ((former_secret is null) = (former_secret_until is null))
) strict, without rowid;

create table webhook_deliveries (
    tenant integer not null,
    id blob not null,
    version integer not null,
    endpoint_id blob not null,
    event_id blob not null,
    event_type text not null,
    aggregate_type text not null,
    aggregate_id text not null,
    position integer not null,
    status text not null check (status in ('pending', 'delivered', 'dead')),
    attempts text not null check (json_type(attempts) = 'array'),
    tries integer not null check (tries >= 0),
    next_attempt_at integer,
    lease_owner text,
    lease_until integer,
    created_at integer not null,
    updated_at integer not null,
    primary key (tenant, id),
    check ((status = 'pending') = (next_attempt_at is not null)),
    check ((lease_owner is null) = (lease_until is null)),
    check (lease_owner is null or status = 'pending')
) strict, without rowid;
create index webhook_deliveries_due on webhook_deliveries (tenant, endpoint_id, next_attempt_at, position)
    where status = 'pending';
create index webhook_deliveries_leased on webhook_deliveries (tenant, endpoint_id, aggregate_id)
    where lease_owner is not null;
create index webhook_deliveries_of_endpoint on webhook_deliveries (tenant, endpoint_id, id);

-- Events that are sent once more, on request; `position` is how far this has come.
create table webhook_replays (
    tenant integer not null,
    id blob not null,
    version integer not null,
    endpoint_id blob not null,
    status text not null check (status in ('running', 'done')),
    deliveries integer not null check (deliveries >= 0),
    position integer not null,
    after_time integer,
    before_time integer,
    before_position integer,
    created_at integer not null,
    updated_at integer not null,
    primary key (tenant, id)
) strict, without rowid;
create index webhook_replays_running on webhook_replays (id) where status = 'running';
