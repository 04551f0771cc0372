-- Duties that one instance at a time sees to; who has one renews it, and another takes it over when it has run out.
-- The name's key is not deferrable, so that `on conflict` can use it.
create table leases (
    tenant bigint not null,
    id uuid not null,
    name text collate "C" not null,
    owner text not null,
    until timestamptz not null,
    version bigint not null,
    primary key (tenant, id),
    unique (tenant, name)
) with (fillfactor = 50);
comment on table leases is 'Duties of the installation that one instance at a time sees to.';
comment on column leases.owner is 'The instance that has it until `until`.';
