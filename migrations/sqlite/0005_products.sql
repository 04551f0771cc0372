-- What a catalogue sells; what is ordered and stocked is a variant.
create table products (
    tenant integer not null,
    id blob not null,
    version integer not null,
    name text not null,
    sku text not null,
    description text,
    brand text,
    price integer not null check (price >= 0),
    currency text not null check (length(currency) = 3),
    status text not null check (status in ('draft', 'active', 'archived')),
    track_inventory integer not null check (track_inventory in (0, 1)),
    metadata text not null,
    tags text not null,
    created_at integer not null,
    updated_at integer not null,
    event_sequence integer not null,
    primary key (tenant, id),
    unique (tenant, sku)
) strict, without rowid;
create index products_by_brand on products (tenant, brand, id) where brand is not null;

create table product_variants (
    tenant integer not null,
    id blob not null,
    product_id blob not null,
    version integer not null,
    sku text not null,
    name text not null,
    options text not null,
    price integer not null check (price >= 0),
    currency text not null check (length(currency) = 3),
    barcode text,
    weight_grams integer check (weight_grams >= 0),
    track_inventory integer not null check (track_inventory in (0, 1)),
    status text not null check (status in ('draft', 'active', 'archived')),
    created_at integer not null,
    updated_at integer not null,
    primary key (tenant, id),
    unique (tenant, sku),
    foreign key (tenant, product_id) references products (tenant, id)
) strict, without rowid;
create index product_variants_of on product_variants (tenant, product_id, id);
