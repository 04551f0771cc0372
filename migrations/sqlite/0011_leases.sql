-- Duties that one instance at a time sees to; who has one renews it, and another takes it over when it has run out.
create table leases (
    tenant integer not null,
    id blob not null,
    name text not null,
    owner text not null,
    until integer not null,
    version integer not null,
    primary key (tenant, id),
    unique (tenant, name)
) strict, without rowid;
