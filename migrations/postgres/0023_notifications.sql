-- What customers are told, and what became of each message.

create table notification_templates (
    tenant bigint not null,
    id uuid not null,
    version bigint not null,
    event_type text collate "C" not null,
    channel text collate "C" not null check (channel in ('email', 'sms')),
    language text collate "C" not null check (length(language) = 2),
    enabled boolean not null,
    customized boolean not null,
    subject text,
    text text not null,
    html text,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (tenant, id),
    unique (tenant, event_type, channel, language) deferrable,
    check ((channel = 'email') = (subject is not null)),
    check (channel = 'email' or html is null)
);
comment on table notification_templates is 'What customers are told. Rows of tenant 0 came with the server; a tenant''s own row of the same event, channel and language counts instead.';
comment on column notification_templates.language is 'ISO 639-1.';
comment on column notification_templates.enabled is 'Else nobody is written to.';
comment on column notification_templates.customized is 'The tenant''s own.';
comment on column notification_templates.html is 'Null: made from the text.';

create table notification_messages (
    tenant bigint not null,
    id uuid not null,
    version bigint not null,
    event_id uuid not null,
    event_type text not null,
    channel text collate "C" not null check (channel in ('email', 'sms')),
    customer_id uuid not null,
    order_id uuid not null,
    language text not null,
    recipient text not null,
    subject text,
    text text not null,
    html text,
    status text not null check (status in ('pending', 'delivered', 'dead')),
    attempts jsonb not null check (jsonb_typeof(attempts) = 'array'),
    tries bigint not null check (tries >= 0),
    next_attempt_at timestamptz,
    lease_owner text,
    lease_until timestamptz,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (tenant, id),
    unique (tenant, event_id, channel) deferrable,
    check ((status = 'pending') = (next_attempt_at is not null)),
    check ((lease_owner is null) = (lease_until is null)),
    check (lease_owner is null or status = 'pending')
) with (fillfactor = 70);
create index notification_messages_due on notification_messages (channel, next_attempt_at) where status = 'pending';
create index notification_messages_old on notification_messages (created_at) where status = 'delivered';
create index notification_messages_dead on notification_messages (tenant, id) where status = 'dead';
create index notification_messages_of_customer on notification_messages (tenant, customer_id, id);
create index notification_messages_of_order on notification_messages (tenant, order_id, id);
comment on table notification_messages is 'What was written to one customer about one event on one channel, with every attempt to send it.';
comment on column notification_messages.event_id is 'events.id.';
comment on column notification_messages.recipient is 'E-mail address or telephone number, as it was then.';
comment on column notification_messages.attempts is 'Array of attempted_at, status_code, duration_ms, error; the newest 50.';
comment on column notification_messages.tries is 'Place in the schedule of attempts.';
comment on column notification_messages.lease_owner is 'The instance that sends it until lease_until.';
