-- Work that leaves the house: intent, lease and outcome of each call to a gateway or carrier.
create table operations (
    tenant integer not null,
    id blob not null,
    kind text not null,
    subject blob not null,
    state text not null check (state in ('pending', 'done')),
    attempts integer not null,
    data text not null,
    next_attempt_at integer not null,
    lease_owner text,
    lease_until integer,
    request_id text not null,
    created_at integer not null,
    updated_at integer not null,
    primary key (tenant, id)
) strict, without rowid;
create index operations_due on operations (next_attempt_at) where state = 'pending';
-- A gateway's message names the operation, not the tenant.
create index operations_pending on operations (id) where state = 'pending';
