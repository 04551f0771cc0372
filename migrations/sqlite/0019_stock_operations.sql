-- Stock on its way between locations, and stock that is counted.
create table inventory_transfers (
    tenant integer not null,
    id blob not null,
    version integer not null,
    transfer_number text not null,
    from_location_id integer not null,
    to_location_id integer not null,
    status text not null check (status in ('draft', 'in_transit', 'partially_received', 'received', 'cancelled')),
    expected_on integer,
    reference text,
    notes text,
    end_reason text,
    shipped_at integer,
    ended_at integer,
    metadata text not null,
    created_at integer not null,
    updated_at integer not null,
    event_sequence integer not null,
    primary key (tenant, id),
    unique (tenant, transfer_number),
    check (from_location_id <> to_location_id),
    check (shipped_at is not null or status in ('draft', 'cancelled')),
    check ((ended_at is not null) = (status in ('received', 'cancelled')))
) strict, without rowid;
create index inventory_transfers_by_status on inventory_transfers (tenant, status, id);
create index inventory_transfers_from on inventory_transfers (tenant, from_location_id, id);
create index inventory_transfers_to on inventory_transfers (tenant, to_location_id, id);

-- In transit is shipped - received - returned - lost. `loads` says which lots are in it.
create table inventory_transfer_items (
    tenant integer not null,
    id blob not null,
    transfer_id blob not null,
    item_id integer not null,
    sku text not null,
    quantity integer not null check (quantity > 0),
    shipped integer not null check (shipped in (0, quantity)),
    received integer not null check (received >= 0),
    returned integer not null check (returned >= 0),
    lost integer not null check (lost >= 0),
    loads text not null,
    primary key (tenant, id),
    unique (tenant, transfer_id, item_id),
    check (received + returned + lost <= shipped),
    foreign key (tenant, transfer_id) references inventory_transfers (tenant, id)
) strict, without rowid;
create index inventory_transfer_items_of on inventory_transfer_items (tenant, transfer_id, id);
create index inventory_transfer_items_on_the_way on inventory_transfer_items (tenant, item_id, id)
    where shipped > received + returned + lost;

create table inventory_counts (
    tenant integer not null,
    id blob not null,
    version integer not null,
    count_number text not null,
    location_id integer not null,
    status text not null check (status in ('open', 'completed', 'cancelled')),
    reference text,
    notes text,
    end_reason text,
    ended_at integer,
    metadata text not null,
    created_at integer not null,
    updated_at integer not null,
    primary key (tenant, id),
    unique (tenant, count_number),
    check ((ended_at is null) = (status = 'open'))
) strict, without rowid;
create index inventory_counts_by_status on inventory_counts (tenant, status, id);
create index inventory_counts_at on inventory_counts (tenant, location_id, id);

-- `on_record` is what the ledger said at counted_at; nobody who counts sees it before the end.
create table inventory_count_lines (
    tenant integer not null,
    id blob not null,
    count_id blob not null,
    item_id integer not null,
    sku text not null,
    lot_number text,
    counted integer not null check (counted >= 0),
    counted_at integer not null,
    counted_by text not null,
    on_record integer not null check (on_record >= 0),
    expected integer,
    difference integer,
    moved_since integer,
    on_hand integer,
    primary key (tenant, id),
    check ((expected is null) = (difference is null)),
    check (expected is null or difference = counted - expected),
    check (on_hand is null or on_hand = counted + moved_since),
    foreign key (tenant, count_id) references inventory_counts (tenant, id)
) strict, without rowid;
create unique index inventory_count_lines_once on inventory_count_lines
    (tenant, count_id, item_id, coalesce(lot_number, ''));
create index inventory_count_lines_of on inventory_count_lines (tenant, count_id, id);
