-- Work that leaves the house: intent, lease and outcome of each call to a gateway or carrier.
create table operations (
    tenant bigint not null,
    id uuid not null,
    kind text not null,
    subject uuid not null,
    state text not null check (state in ('pending', 'done')),
    attempts bigint not null,
    data json not null,
    next_attempt_at timestamptz not null,
    lease_owner text,
    lease_until timestamptz,
    request_id text not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (tenant, id)
) with (fillfactor = 70);
create index operations_due on operations (next_attempt_at) where state = 'pending';
-- A gateway's message names the operation, not the tenant.
create index operations_pending on operations (id) where state = 'pending';
comment on table operations is 'Calls to gateways and carriers: committed before they are made, done once their outcome is committed.';
comment on column operations.kind is 'For example payment.authorize.';
comment on column operations.subject is 'What it is about: the id of a payment or refund.';
comment on column operations.attempts is 'Calls whose outcome is unknown.';
comment on column operations.lease_owner is 'The instance that works on it until lease_until.';
