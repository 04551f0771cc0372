-- People and companies that order, with their addresses.
create table customers (
    tenant integer not null,
    id blob not null,
    version integer not null,
    email text not null,
    first_name text,
    last_name text,
    phone text,
    external_id text,
    metadata text not null,
    tags text not null,
    erased_at integer,
    created_at integer not null,
    updated_at integer not null,
    event_sequence integer not null,
    primary key (tenant, id),
    unique (tenant, email)
) strict, without rowid;
create index customers_by_external_id on customers (tenant, external_id)
    where external_id is not null;

create table customer_addresses (
    tenant integer not null,
    id blob not null,
    customer_id blob not null,
    version integer not null,
    label text,
    address text not null,
    created_at integer not null,
    updated_at integer not null,
    primary key (tenant, id),
    foreign key (tenant, customer_id) references customers (tenant, id)
) strict, without rowid;
create index customer_addresses_of on customer_addresses (tenant, customer_id, id);
