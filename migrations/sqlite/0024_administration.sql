-- What administrators ask and decide: who did what, which tenants may go on, what is forgotten.

-- The audit asks what one user or key did. What the server does by itself, most of the log at times, is left out of
-- the index, for each entry of it costs every command that writes an event.
create index events_of_actor on events (tenant, actor, position) where actor <> 'system';

-- How retention takes events out of the log: by the place that is their key.
create view forgettable_events as select tenant, position as id from events;
create trigger forget_event instead of delete on forgettable_events begin
    delete from events where position = old.id;
end;
create index webhook_deliveries_old on webhook_deliveries (created_at) where status <> 'pending';

-- What a tenant has is counted on its row, so that its limits hold whoever adds at the same moment.
alter table tenants add column users integer not null default 0 check (users >= 0);
alter table tenants add column api_keys integer not null default 0 check (api_keys >= 0);
alter table tenants add column webhook_endpoints integer not null default 0 check (webhook_endpoints >= 0);
update tenants set
    users = (select count(*) from users u where u.tenant = tenants.number),
    api_keys = (select count(*) from api_keys k where k.tenant = tenants.number and k.status = 'active'),
    webhook_endpoints = (select count(*) from webhook_endpoints e where e.tenant = tenants.number);

-- What the first tenant, whose rows these are, lets each tenant do; `id` is that of the tenant.
create table tenant_accounts (
    tenant integer not null check (tenant = 1),
    id blob not null,
    version integer not null,
    tenant_number integer not null check (tenant_number > 0),
    name text not null,
    status text not null check (status in ('active', 'suspended')),
    reason text,
    suspended_at integer,
    limits text not null,
    created_at integer not null,
    updated_at integer not null,
    event_sequence integer not null,
    primary key (tenant, id),
    unique (tenant, tenant_number),
    check ((status = 'suspended') = (suspended_at is not null)),
    check (tenant_number <> 1 or status = 'active')
) strict, without rowid;
insert into tenant_accounts
select 1, id, 1, number, name, 'active', null, null, '{}', created_at, created_at, 0 from tenants;
