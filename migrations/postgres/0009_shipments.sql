-- Goods on their way to customers, and who carries them.
create table shipments (
    tenant bigint not null,
    id uuid not null,
    version bigint not null,
    order_id uuid not null,
    location_id bigint not null,
    status text collate "C" not null check (status in ('pending', 'label_created', 'shipped', 'in_transit',
        'out_for_delivery', 'delivered', 'exception', 'returned_to_sender', 'cancelled')),
    carrier text collate "C" not null,
    service text,
    tracking_number text collate "C",
    ship_to jsonb,
    history jsonb not null,
    shipped_at timestamptz,
    delivered_at timestamptz,
    metadata jsonb not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    event_sequence bigint not null,
    primary key (tenant, id),
    unique (tenant, carrier, tracking_number) deferrable,
    check (tracking_number is not null or status in ('pending', 'cancelled')),
    check ((shipped_at is null) = (status in ('pending', 'label_created', 'cancelled'))),
    check ((delivered_at is not null) = (status = 'delivered'))
) with (fillfactor = 80);
create index shipments_of_order on shipments (tenant, order_id, id);
create index shipments_by_status on shipments (tenant, status, id);
create index shipments_by_tracking_number on shipments (tracking_number, carrier)
    where tracking_number is not null;
comment on table shipments is 'Goods on their way to a customer.';
comment on column shipments.carrier is 'carriers.code.';
comment on column shipments.ship_to is 'An address, like orders.shipping_address.';
comment on column shipments.history is 'Array of what was reported, oldest first.';
comment on column shipments.metadata is 'The integrator''s own: an object of text.';

create table shipment_items (
    tenant bigint not null,
    id uuid not null,
    shipment_id uuid not null,
    order_item_id uuid not null,
    sku text not null,
    quantity bigint not null check (quantity > 0),
    primary key (tenant, id),
    unique (tenant, shipment_id, order_item_id) deferrable,
    foreign key (tenant, shipment_id) references shipments (tenant, id) deferrable initially deferred
);
comment on table shipment_items is 'Which lines of the order are in a shipment.';
comment on column shipment_items.quantity is 'Pieces.';

-- Who carries for a tenant; its secret signs what it reports.
create table carriers (
    tenant bigint not null,
    id uuid not null,
    version bigint not null,
    code text collate "C" not null,
    name text not null,
    secret text not null,
    previous_secret text,
    previous_secret_until timestamptz,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (tenant, id),
    unique (tenant, code) deferrable
);
comment on table carriers is 'Who carries for a tenant.';
comment on column carriers.secret is 'Signs what the carrier reports.';
comment on column carriers.previous_secret is 'Counts too until previous_secret_until.';

-- Reports that were taken in, so that none counts twice.
create table carrier_messages (
    tenant bigint not null,
    id uuid not null,
    carrier text collate "C" not null,
    event_id text collate "C" not null,
    shipment_id uuid not null,
    created_at timestamptz not null,
    primary key (tenant, id),
    unique (tenant, carrier, event_id) deferrable
);
create index carrier_messages_of on carrier_messages (tenant, shipment_id);
comment on table carrier_messages is 'Reports of carriers that were taken in, so that none counts twice.';
comment on column carrier_messages.event_id is 'What the carrier calls the report.';
