-- Money asked of a gateway for an order, and what was given back of it. That no more is refunded than was captured
-- is said here too, so that no bug can store it.
create table payments (
    tenant bigint not null,
    id uuid not null,
    version bigint not null,
    order_id uuid not null,
    currency text not null,
    amount bigint not null check (amount > 0),
    status text not null,
    gateway text collate "C" not null,
    method jsonb not null,
    gateway_reference text collate "C",
    capture boolean not null,
    captured bigint not null check (captured between 0 and amount),
    refunded bigint not null check (refunded >= 0),
    refunding bigint not null check (refunding >= 0),
    failure_code text,
    failure_message text,
    metadata jsonb not null,
    operation uuid,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    event_sequence bigint not null,
    primary key (tenant, id),
    unique (tenant, gateway, gateway_reference) deferrable,
    check (refunded + refunding <= captured)
) with (fillfactor = 70);
create index payments_of_order on payments (tenant, order_id, id);
comment on table payments is 'Money asked of a gateway for an order, in minor units of `currency`.';
comment on column payments.currency is 'ISO 4217.';
comment on column payments.amount is 'Minor units that were asked for.';
comment on column payments.method is 'type, and the gateway''s token; never a card number.';
comment on column payments.gateway_reference is 'What the gateway calls it.';
comment on column payments.capture is 'Captured at once, else later.';
comment on column payments.captured is 'Minor units that arrived.';
comment on column payments.refunded is 'Minor units given back.';
comment on column payments.refunding is 'Minor units whose refund is under way.';
comment on column payments.operation is 'The authorization, capture or void under way.';

create table refunds (
    tenant bigint not null,
    id uuid not null,
    payment_id uuid not null,
    order_id uuid not null,
    version bigint not null,
    currency text not null,
    amount bigint not null check (amount > 0),
    status text not null,
    reason text,
    gateway_reference text,
    failure_code text,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    event_sequence bigint not null,
    primary key (tenant, id),
    foreign key (tenant, payment_id) references payments (tenant, id) deferrable initially deferred
) with (fillfactor = 85);
create index refunds_of_payment on refunds (tenant, payment_id, id);
create index refunds_of_order on refunds (tenant, order_id, id);
comment on table refunds is 'What was given back of a payment.';
comment on column refunds.amount is 'Minor units of `currency`.';
comment on column refunds.status is 'processing, succeeded or failed.';

-- Messages of gateways that were taken in; the same one again changes nothing.
create table gateway_messages (
    tenant bigint not null,
    id uuid not null,
    gateway text collate "C" not null,
    message_id text collate "C" not null,
    created_at timestamptz not null,
    primary key (tenant, id),
    unique (tenant, gateway, message_id) deferrable
);
comment on table gateway_messages is 'Messages of gateways that were taken in, so that none counts twice.';

-- The books of the sandbox gateway. It is an outside party: nothing but its own commands reads or writes them.
create table sandbox_charges (
    tenant bigint not null,
    id uuid not null,
    reference text collate "C" not null,
    token text not null,
    currency text not null,
    amount bigint not null,
    captured bigint not null check (captured between 0 and amount),
    refunded bigint not null check (refunded between 0 and captured),
    voided boolean not null,
    created_at timestamptz not null,
    primary key (tenant, id),
    unique (tenant, reference) deferrable
) with (fillfactor = 85);
comment on table sandbox_charges is 'The sandbox gateway''s own books, in minor units; no part of the business.';

create table sandbox_calls (
    tenant bigint not null,
    id uuid not null,
    kind text not null,
    approved boolean not null,
    reference text,
    code text,
    message text,
    created_at timestamptz not null,
    primary key (tenant, id)
);
comment on table sandbox_calls is 'What the sandbox gateway answered to each operation; no part of the business.';
