-- Orders and their lines. What hangs from an order (reservations, payments, shipments) lies with its own noun.
create table orders (
    tenant integer not null,
    id blob not null,
    version integer not null,
    order_number text not null,
    customer_id blob not null,
    status text not null check (status in ('pending', 'processing', 'on_hold', 'partially_shipped', 'shipped',
        'delivered', 'cancelled')),
    payment_status text not null,
    fulfillment_status text not null,
    held_from text,
    currency text not null,
    subtotal integer not null check (subtotal >= 0),
    discount_total integer not null check (discount_total between 0 and subtotal),
    tax_total integer not null check (tax_total >= 0),
    shipping_total integer not null check (shipping_total >= 0),
    total integer not null check (total = subtotal - discount_total + tax_total + shipping_total),
    payment_terms text not null,
    shipping_address text,
    billing_address text,
    notes text,
    cancel_reason text,
    tracking_number text,
    metadata text not null,
    tags text not null,
    archived_at integer,
    created_at integer not null,
    updated_at integer not null,
    event_sequence integer not null,
    primary key (tenant, id),
    unique (tenant, order_number),
    check ((status = 'on_hold') = (held_from is not null))
) strict, without rowid;
create index orders_of_customer on orders (tenant, customer_id, id);
create index orders_by_status on orders (tenant, status, id);

create table order_items (
    tenant integer not null,
    id blob not null,
    order_id blob not null,
    product_id blob not null,
    sku text not null,
    name text not null,
    quantity integer not null check (quantity between 1 and 1000000),
    currency text not null,
    unit_price integer not null check (unit_price >= 0),
    tax_rate integer not null check (tax_rate between 0 and 10000),
    tax integer not null check (tax >= 0),
    discount integer not null check (discount between 0 and unit_price * quantity),
    total integer not null check (total = unit_price * quantity - discount + tax),
    reserved integer not null check (reserved >= 0),
    shipped integer not null check (shipped >= 0),
    returned integer not null check (returned between 0 and shipped),
    track_inventory integer not null,
    primary key (tenant, id),
    foreign key (tenant, order_id) references orders (tenant, id),
    check (reserved + shipped <= quantity)
) strict, without rowid;
create index order_items_of on order_items (tenant, order_id, id);
create index order_items_by_sku on order_items (tenant, sku, order_id);
