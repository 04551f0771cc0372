-- What administrators ask and decide: who did what, which tenants may go on, what is forgotten.

-- The audit asks what one user or key did. What the server does by itself, most of the log at times, is left out of
-- the index, for each entry of it costs every command that writes an event.
create index events_of_actor on events (tenant, actor, position) where actor <> 'system';

-- How retention takes events out of the log: by the place that is their key.
create view forgettable_events as select tenant, position as id from events;
comment on view forgettable_events is 'The log by its places; retention deletes from it what is beyond its time.';
create index webhook_deliveries_old on webhook_deliveries (created_at) where status <> 'pending';

-- What a tenant has is counted on its row, so that its limits hold whoever adds at the same moment.
alter table tenants add column users bigint not null default 0 check (users >= 0);
alter table tenants add column api_keys bigint not null default 0 check (api_keys >= 0);
alter table tenants add column webhook_endpoints bigint not null default 0 check (webhook_endpoints >= 0);
update tenants set
    users = (select count(*) from users u where u.tenant = tenants.number),
    api_keys = (select count(*) from api_keys k where k.tenant = tenants.number and k.status = 'active'),
    webhook_endpoints = (select count(*) from webhook_endpoints e where e.tenant = tenants.number);
comment on column tenants.users is 'Its users, active or not.';
comment on column tenants.api_keys is 'Its API keys that are not revoked.';
comment on column tenants.webhook_endpoints is 'Its webhook endpoints.';

-- What the first tenant, whose rows these are, lets each tenant do; `id` is that of the tenant.
create table tenant_accounts (
    tenant bigint not null check (tenant = 1),
    id uuid not null,
    version bigint not null,
    tenant_number bigint not null check (tenant_number > 0),
    name text collate "C" not null,
    status text not null check (status in ('active', 'suspended')),
    reason text,
    suspended_at timestamptz,
    limits jsonb not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    event_sequence bigint not null,
    primary key (tenant, id),
    unique (tenant, tenant_number) deferrable,
    check ((status = 'suspended') = (suspended_at is not null)),
    check (tenant_number <> 1 or status = 'active')
);
insert into tenant_accounts
select 1, id, 1, number, name, 'active', null, null, '{}', created_at, created_at, 0 from tenants;
comment on table tenant_accounts is 'What the first tenant, whose rows these are, lets each tenant do.';
comment on column tenant_accounts.tenant is 'Always 1: the tenant that administers the installation.';
comment on column tenant_accounts.id is 'tenants.id.';
comment on column tenant_accounts.tenant_number is 'tenants.number.';
comment on column tenant_accounts.reason is 'Why it is suspended.';
comment on column tenant_accounts.limits is 'Object of requests_per_second, users, api_keys, webhook_endpoints; null: no limit.';
