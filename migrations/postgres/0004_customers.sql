-- People and companies that order, with their addresses.
create table customers (
    tenant bigint not null,
    id uuid not null,
    version bigint not null,
    email text collate "C" not null,
    first_name text,
    last_name text,
    phone text,
    external_id text collate "C",
    metadata jsonb not null,
    tags jsonb not null,
    erased_at timestamptz,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    event_sequence bigint not null,
    primary key (tenant, id),
    unique (tenant, email) deferrable
);
create index customers_by_external_id on customers (tenant, external_id)
    where external_id is not null;
comment on table customers is 'People and companies that order.';
comment on column customers.external_id is 'What another system calls it; not unique.';
comment on column customers.metadata is 'The integrator''s own: an object of text.';
comment on column customers.tags is 'Array of text.';
comment on column customers.erased_at is 'When what identifies the person was overwritten.';

create table customer_addresses (
    tenant bigint not null,
    id uuid not null,
    customer_id uuid not null,
    version bigint not null,
    label text,
    address jsonb not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (tenant, id),
    foreign key (tenant, customer_id) references customers (tenant, id) deferrable initially deferred
);
create index customer_addresses_of on customer_addresses (tenant, customer_id, id);
comment on table customer_addresses is 'The address book of each customer; orders keep copies.';
comment on column customer_addresses.address is 'name, company, line1, line2, city, region, postal_code, country (ISO 3166-1), phone.';
