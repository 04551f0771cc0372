-- What customers are told, and what became of each message.

-- Rows of tenant 0 came with the server; a tenant's own row of the same event, channel and language counts instead.
create table notification_templates (
    tenant integer not null,
    id blob not null,
    version integer not null,
    event_type text not null,
    channel text not null check (channel in ('email', 'sms')),
    language text not null check (length(language) = 2),
    enabled integer not null check (enabled in (0, 1)),
    customized integer not null check (customized in (0, 1)),
    subject text,
    text text not null,
    html text,
    created_at integer not null,
    updated_at integer not null,
    primary key (tenant, id),
    unique (tenant, event_type, channel, language),
    check ((channel = 'email') = (subject is not null)),
    check (channel = 'email' or html is null)
) strict, without rowid;

create table notification_messages (
    tenant integer not null,
    id blob not null,
    version integer not null,
    event_id blob not null,
    event_type text not null,
    channel text not null check (channel in ('email', 'sms')),
    customer_id blob not null,
    order_id blob not null,
    language text not null,
    recipient text not null,
    subject text,
    text text not null,
    html text,
    status text not null check (status in ('pending', 'delivered', 'dead')),
    attempts text not null check (json_type(attempts) = 'array'),
    tries integer not null check (tries >= 0),
    next_attempt_at integer,
    lease_owner text,
    lease_until integer,
    created_at integer not null,
    updated_at integer not null,
    primary key (tenant, id),
    unique (tenant, event_id, channel),
    check ((status = 'pending') = (next_attempt_at is not null)),
    check ((lease_owner is null) = (lease_until is null)),
    check (lease_owner is null or status = 'pending')
) strict, without rowid;
create index notification_messages_due on notification_messages (channel, next_attempt_at) where status = 'pending';
create index notification_messages_old on notification_messages (created_at) where status = 'delivered';
create index notification_messages_dead on notification_messages (tenant, id) where status = 'dead';
create index notification_messages_of_customer on notification_messages (tenant, customer_id, id);
create index notification_messages_of_order on notification_messages (tenant, order_id, id);
