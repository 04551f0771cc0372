-- Stock that must be told apart: lots (batches) and pieces with serial numbers. Quantities count ten-thousandths.
create table inventory_lots (
    tenant bigint not null,
    id uuid not null,
    version bigint not null,
    item_id bigint not null,
    lot_number text collate "C" not null,
    expires_on date,
    status text not null check (status in ('active', 'quarantined', 'expired')),
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (tenant, id),
    unique (tenant, item_id, lot_number) deferrable
);
create index inventory_lots_of on inventory_lots (tenant, item_id, id);
create index inventory_lots_called on inventory_lots (tenant, lot_number, id);
create index inventory_lots_due on inventory_lots (expires_on) where status = 'active' and expires_on is not null;

-- A lot at a location; no row where nothing is on hand. `expires_on` and `status` are the lot's, copied so that
-- reserving needs no more reads.
create table inventory_lot_balances (
    tenant bigint not null,
    id uuid not null,
    version bigint not null,
    item_id bigint not null,
    lot_id uuid not null,
    location_id bigint not null,
    on_hand bigint not null check (on_hand >= 0),
    allocated bigint not null check (allocated >= 0),
    quarantined bigint not null check (quarantined >= 0),
    expires_on date,
    status text not null check (status in ('active', 'quarantined', 'expired')),
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (tenant, id),
    unique (tenant, lot_id, location_id) deferrable,
    check (allocated + quarantined <= on_hand),
    check (status = 'active' or allocated + quarantined = on_hand),
    foreign key (tenant, item_id) references inventory_items (tenant, id) deferrable initially deferred
);
create index inventory_lot_balances_of on inventory_lot_balances (tenant, item_id, id);

create table inventory_serials (
    tenant bigint not null,
    id uuid not null,
    version bigint not null,
    item_id bigint not null,
    serial_number text collate "C" not null,
    status text not null
        check (status in ('in_stock', 'quarantined', 'in_transit', 'shipped', 'consumed', 'scrapped')),
    balance_id uuid,
    location_id bigint,
    lot_id uuid,
    order_id uuid,
    order_item_id uuid,
    shipment_id uuid,
    work_order_id uuid,
    made_by uuid,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (tenant, id),
    unique (tenant, item_id, serial_number) deferrable,
    check ((status in ('in_stock', 'quarantined')) = (balance_id is not null)),
    check ((balance_id is null) = (location_id is null))
);
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
    tenant bigint not null,
    id uuid not null,
    serial_id uuid not null,
    kind text not null,
    status text not null,
    location_id bigint,
    reference uuid,
    actor text not null,
    created_at timestamptz not null,
    primary key (tenant, id)
);
create index inventory_serial_steps_of on inventory_serial_steps (tenant, serial_id, id);

-- What a work order took of lots, and the lots it made.
create index inventory_movements_behind on inventory_movements (tenant, reference, id) where lot_id is not null;

comment on table inventory_lots is 'Batches of items tracked by lot. Only active ones may be used.';
comment on column inventory_lots.expires_on is 'The last day on which it may be used; null: it does not expire.';
comment on table inventory_lot_balances is 'How much of a lot lies at a location. Adds up to inventory_balances.';
comment on column inventory_lot_balances.on_hand is 'Ten-thousandths of the item''s unit.';
comment on column inventory_lot_balances.allocated is 'Ten-thousandths: what active reservations hold of the lot here.';
comment on column inventory_lot_balances.quarantined is 'Ten-thousandths that may not be used.';
comment on column inventory_lot_balances.expires_on is 'The lot''s, copied.';
comment on column inventory_lot_balances.status is 'The lot''s, copied.';
comment on table inventory_serials is 'Pieces of items tracked by serial number, wherever they are now.';
comment on column inventory_serials.balance_id is 'The shelf it lies on; null when it lies on none.';
comment on column inventory_serials.order_id is 'Whom it left for last, also when it came back since.';
comment on column inventory_serials.work_order_id is 'The work order that consumed it.';
comment on column inventory_serials.made_by is 'The work order that made it.';
comment on table inventory_serial_steps is 'What happened to a piece, in order of id; never changed.';
