-- Money asked of a gateway for an order, and what was given back of it. That no more is refunded than was captured
-- is said here too, so that no bug can store it.
create table payments (
    tenant integer not null,
    id blob not null,
    version integer not null,
    order_id blob not null,
    currency text not null,
    amount integer not null check (amount > 0),
    status text not null,
    gateway text not null,
    method text not null,
    gateway_reference text,
    capture integer not null,
    captured integer not null check (captured between 0 and amount),
    refunded integer not null check (refunded >= 0),
    refunding integer not null check (refunding >= 0),
    failure_code text,
    failure_message text,
    metadata text not null,
    operation blob,
    created_at integer not null,
    updated_at integer not null,
    event_sequence integer not null,
    primary key (tenant, id),
    unique (tenant, gateway, gateway_reference),
    check (refunded + refunding <= captured)
) strict, without rowid;
create index payments_of_order on payments (tenant, order_id, id);

create table refunds (
    tenant integer not null,
    id blob not null,
    payment_id blob not null,
    order_id blob not null,
    version integer not null,
    currency text not null,
    amount integer not null check (amount > 0),
    status text not null,
    reason text,
    gateway_reference text,
    failure_code text,
    created_at integer not null,
    updated_at integer not null,
    event_sequence integer not null,
    primary key (tenant, id),
    foreign key (tenant, payment_id) references payments (tenant, id)
) strict, without rowid;
create index refunds_of_payment on refunds (tenant, payment_id, id);
create index refunds_of_order on refunds (tenant, order_id, id);

-- Messages of gateways that were taken in; the same one again changes nothing.
create table gateway_messages (
    tenant integer not null,
    id blob not null,
    gateway text not null,
    message_id text not null,
    created_at integer not null,
    primary key (tenant, id),
    unique (tenant, gateway, message_id)
) strict, without rowid;

-- The books of the sandbox gateway. It is an outside party: nothing but its own commands reads or writes them.
create table sandbox_charges (
    tenant integer not null,
    id blob not null,
    reference text not null,
    token text not null,
    currency text not null,
    amount integer not null,
    captured integer not null check (captured between 0 and amount),
    refunded integer not null check (refunded between 0 and captured),
    voided integer not null,
    created_at integer not null,
    primary key (tenant, id),
    unique (tenant, reference)
) strict, without rowid;

create table sandbox_calls (
    tenant integer not null,
    id blob not null,
    kind text not null,
    approved integer not null,
    reference text,
    code text,
    message text,
    created_at integer not null,
    primary key (tenant, id)
) strict, without rowid;
