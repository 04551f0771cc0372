-- Orders and their lines. What hangs from an order (reservations, payments, shipments) lies with its own noun.
create table orders (
    tenant bigint not null,
    id uuid not null,
    version bigint not null,
    order_number text collate "C" not null,
    customer_id uuid not null,
    status text collate "C" not null check (status in ('pending', 'processing', 'on_hold', 'partially_shipped',
        'shipped', 'delivered', 'cancelled')),
    payment_status text not null,
    fulfillment_status text not null,
    held_from text,
    currency text not null,
    subtotal bigint not null check (subtotal >= 0),
    discount_total bigint not null check (discount_total between 0 and subtotal),
    tax_total bigint not null check (tax_total >= 0),
    shipping_total bigint not null check (shipping_total >= 0),
    total bigint not null check (total = subtotal - discount_total + tax_total + shipping_total),
    payment_terms text not null,
    shipping_address jsonb,
    billing_address jsonb,
    notes text,
    cancel_reason text,
    tracking_number text,
    metadata jsonb not null,
    tags jsonb not null,
    archived_at timestamptz,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    event_sequence bigint not null,
    primary key (tenant, id),
    unique (tenant, order_number) deferrable,
    check ((status = 'on_hold') = (held_from is not null))
) with (fillfactor = 80);
create index orders_of_customer on orders (tenant, customer_id, id);
create index orders_by_status on orders (tenant, status, id);
comment on table orders is 'A customer''s request for goods. Money counts minor units of `currency`.';
comment on column orders.order_number is 'What people call it: SO-1001.';
comment on column orders.payment_status is 'What its payments add up to.';
comment on column orders.fulfillment_status is 'What its lines add up to.';
comment on column orders.held_from is 'The status it goes back to when released.';
comment on column orders.currency is 'ISO 4217.';
comment on column orders.subtotal is 'Minor units: unit prices times quantities.';
comment on column orders.discount_total is 'Minor units.';
comment on column orders.tax_total is 'Minor units.';
comment on column orders.shipping_total is 'Minor units.';
comment on column orders.total is 'Minor units: subtotal - discount_total + tax_total + shipping_total.';
comment on column orders.payment_terms is 'prepaid or on_account.';
comment on column orders.shipping_address is 'name, company, line1, line2, city, region, postal_code, country (ISO 3166-1), phone.';
comment on column orders.metadata is 'The integrator''s own: an object of text.';
comment on column orders.tags is 'Array of text.';
comment on column orders.archived_at is 'Since when lists leave it out.';

create table order_items (
    tenant bigint not null,
    id uuid not null,
    order_id uuid not null,
    product_id uuid not null,
    sku text collate "C" not null,
    name text not null,
    quantity bigint not null check (quantity between 1 and 1000000),
    currency text not null,
    unit_price bigint not null check (unit_price >= 0),
    tax_rate bigint not null check (tax_rate between 0 and 10000),
    tax bigint not null check (tax >= 0),
    discount bigint not null check (discount between 0 and unit_price * quantity),
    total bigint not null check (total = unit_price * quantity - discount + tax),
    reserved bigint not null check (reserved >= 0),
    shipped bigint not null check (shipped >= 0),
    returned bigint not null check (returned between 0 and shipped),
    track_inventory boolean not null,
    primary key (tenant, id),
    foreign key (tenant, order_id) references orders (tenant, id) deferrable initially deferred,
    check (reserved + shipped <= quantity)
) with (fillfactor = 85);
create index order_items_of on order_items (tenant, order_id, id);
create index order_items_by_sku on order_items (tenant, sku, order_id);
comment on table order_items is 'The lines of orders. Quantities are whole pieces here; money counts minor units of `currency`.';
comment on column order_items.quantity is 'Pieces.';
comment on column order_items.unit_price is 'Minor units, before tax.';
comment on column order_items.tax_rate is 'Ten-thousandths: 1900 is 19 %.';
comment on column order_items.tax is 'Minor units.';
comment on column order_items.discount is 'Minor units: its share of the order''s.';
comment on column order_items.total is 'Minor units: unit_price * quantity - discount + tax.';
comment on column order_items.reserved is 'Pieces that its active reservations hold.';
comment on column order_items.shipped is 'Pieces that left.';
comment on column order_items.returned is 'Pieces that came back.';
