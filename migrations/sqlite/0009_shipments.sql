-- Goods on their way to customers, and who carries them.
create table shipments (
    tenant integer not null,
    id blob not null,
    version integer not null,
    order_id blob not null,
    location_id integer not null,
    status text not null check (status in ('pending', 'label_created', 'shipped', 'in_transit', 'out_for_delivery',
        'delivered', 'exception', 'returned_to_sender', 'cancelled')),
    carrier text not null,
    service text,
    tracking_number text,
    ship_to text,
    history text not null,
    shipped_at integer,
    delivered_at integer,
    metadata text not null,
    created_at integer not null,
    updated_at integer not null,
    event_sequence integer not null,
    primary key (tenant, id),
    unique (tenant, carrier, tracking_number),
    check (tracking_number is not null or status in ('pending', 'cancelled')),
    check ((shipped_at is null) = (status in ('pending', 'label_created', 'cancelled'))),
    check ((delivered_at is not null) = (status = 'delivered'))
) strict, without rowid;
create index shipments_of_order on shipments (tenant, order_id, id);
create index shipments_by_status on shipments (tenant, status, id);
create index shipments_by_tracking_number on shipments (tracking_number, carrier)
    where tracking_number is not null;

create table shipment_items (
    tenant integer not null,
    id blob not null,
    shipment_id blob not null,
    order_item_id blob not null,
    sku text not null,
    quantity integer not null check (quantity > 0),
    primary key (tenant, id),
    unique (tenant, shipment_id, order_item_id),
    foreign key (tenant, shipment_id) references shipments (tenant, id)
) strict, without rowid;

-- Who carries for a tenant; its secret signs what it reports.
create table carriers (
    tenant integer not null,
    id blob not null,
    version integer not null,
    code text not null,
    name text not null,
    secret text not null,
    previous_secret text,
    previous_secret_until integer,
    created_at integer not null,
    updated_at integer not null,
    primary key (tenant, id),
    unique (tenant, code)
) strict, without rowid;

-- Reports that were taken in, so that none counts twice.
create table carrier_messages (
    tenant integer not null,
    id blob not null,
    carrier text not null,
    event_id text not null,
    shipment_id blob not null,
    created_at integer not null,
    primary key (tenant, id),
    unique (tenant, carrier, event_id)
) strict, without rowid;
create index carrier_messages_of on carrier_messages (tenant, shipment_id);
