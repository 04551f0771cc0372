-- What a catalogue sells; what is ordered and stocked is a variant.
create table products (
    tenant bigint not null,
    id uuid not null,
    version bigint not null,
    name text not null,
    sku text collate "C" not null,
    description text,
    brand text collate "C",
    price bigint not null check (price >= 0),
    currency text not null check (length(currency) = 3),
    status text not null check (status in ('draft', 'active', 'archived')),
    track_inventory boolean not null,
    metadata jsonb not null,
    tags jsonb not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    event_sequence bigint not null,
    primary key (tenant, id),
    unique (tenant, sku) deferrable
);
create index products_by_brand on products (tenant, brand, id) where brand is not null;
comment on table products is 'What the catalogue shows. Each has a variant of its own with the same sku, price and status.';
comment on column products.price is 'Minor units of `currency`.';
comment on column products.currency is 'ISO 4217.';
comment on column products.metadata is 'The integrator''s own: an object of text.';
comment on column products.tags is 'Array of text.';

create table product_variants (
    tenant bigint not null,
    id uuid not null,
    product_id uuid not null,
    version bigint not null,
    sku text collate "C" not null,
    name text not null,
    options jsonb not null,
    price bigint not null check (price >= 0),
    currency text not null check (length(currency) = 3),
    barcode text,
    weight_grams bigint check (weight_grams >= 0),
    track_inventory boolean not null,
    status text not null check (status in ('draft', 'active', 'archived')),
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (tenant, id),
    unique (tenant, sku) deferrable,
    foreign key (tenant, product_id) references products (tenant, id) deferrable initially deferred
);
create index product_variants_of on product_variants (tenant, product_id, id);
comment on table product_variants is 'What is ordered and stocked, by sku.';
comment on column product_variants.options is 'For example {"size": "L"}.';
comment on column product_variants.price is 'Minor units of `currency`.';
comment on column product_variants.track_inventory is 'Its product''s, copied.';
