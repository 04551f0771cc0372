-- Stock that must be told apart: lots (batches) and pieces with serial numbers. Quantities count ten-thousandths.
create table inventory_lots (
    tenant integer not null,
    id blob not null,
    version integer not null,
    item_id integer not null,
    lot_number text not null,
    expires_on integer,
    status text not null check (status in ('active', 'quarantined', 'expired')),
    created_at integer not null,
    updated_at integer not null,
    primary key (tenant, id),
    unique (tenant, item_id, lot_number)
) strict, without rowid;
create index inventory_lots_of on inventory_lots (tenant, item_id, id);
create index inventory_lots_called on inventory_lots (tenant, lot_number, id);
create index inventory_lots_due on inventory_lots (expires_on) where status = 'active' and expires_on is not null;

-- A lot at a location; no row where nothing is on hand. `expires_on` and `status` are the lot's, copied so that
-- reserving needs no more reads.
create table inventory_lot_balances (
    tenant integer not null,
    id blob not null,
    version integer not null,
    item_id integer not null,
    lot_id blob not null,
    location_id integer not null,
    on_hand integer not null check (on_hand >= 0),
    allocated integer not null check (allocated >= 0),
    quarantined integer not null check (quarantined >= 0),
    expires_on integer,
    status text not null check (status in ('active', 'quarantined', 'expired')),
    created_at integer not null,
    updated_at integer not null,
    primary key (tenant, id),
    unique (tenant, lot_id, location_id),
    check (allocated + quarantined <= on_hand),
    check (status = 'active' or allocated + quarantined = on_hand),
    foreign key (tenant, item_id) references inventory_items (tenant, id)
) strict, without rowid;
create index inventory_lot_balances_of on inventory_lot_balances (tenant, item_id, id);

create table inventory_serials (
    tenant integer not null,
    id blob not null,
    version integer not null,
    item_id integer not null,
    serial_number text not null,
    status text not null
        check (status in ('in_stock', 'quarantined', 'in_transit', 'shipped', 'consumed', 'scrapped')),
    balance_id blob,
    location_id integer,
    lot_id blob,
    order_id blob,
    order_item_id blob,
    shipment_id blob,
    work_order_id blob,
    made_by blob,
    created_at integer not null,
    updated_at integer not null,
    primary key (tenant, id),
    unique (tenant, item_id, serial_number),
    check ((status in ('in_stock', 'quarantined')) = (balance_id is not null)),
    check ((balance_id is null) = (location_id is null))
) strict, without rowid;
create index inventory_serials_of on inventory_serials (tenant, item_id, id);
create index inventory_serials_called on inventory_serials (tenant, serial_number, id);
create index inventory_serials_on on inventory_serials (tenant, balance_id, id) where balance_id is not null;
create index inventory_serials_at on inventory_serials (tenant, location_id, id) where location_id is not null;
create index inventory_serials_lot on inventory_serials (tenant, lot_id, id) where lot_id is not null;
create index inventory_serials_order on inventory_serials (tenant, order_id, id) where order_id is not null;
create index inventory_serials_in on inventory_serials (tenant, work_order_id, id) where work_order_id is not null;
create index inventory_serials_made on inventory_serials (tenant, made_by, id) where made_by is not null;

-- What happened to a piece: append-only.
create table inventory_serial_steps (
    tenant integer not null,
    id blob not null,
    serial_id blob not null,
    kind text not null,
    status text not null,
    location_id integer,
    reference blob,
    actor text not null,
    created_at integer not null,
    primary key (tenant, id)
) strict, without rowid;
create index inventory_serial_steps_of on inventory_serial_steps (tenant, serial_id, id);

-- What a work order took of lots, and the lots it made.
create index inventory_movements_behind on inventory_movements (tenant, reference, id) where lot_id is not null;
