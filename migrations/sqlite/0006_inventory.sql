-- Stock. Quantities count ten-thousandths. Item and location ids are numbers of the whole installation.
create table locations (
    tenant integer not null,
    id integer not null,
    version integer not null,
    code text not null,
    name text not null,
    type text not null,
    priority integer not null,
    active integer not null check (active in (0, 1)),
    address text,
    created_at integer not null,
    updated_at integer not null,
    event_sequence integer not null,
    primary key (tenant, id),
    unique (id),
    unique (tenant, code)
) strict, without rowid;

create table inventory_items (
    tenant integer not null,
    id integer not null,
    version integer not null,
    item_number text not null,
    description text,
    uom text not null,
    created_at integer not null,
    updated_at integer not null,
    event_sequence integer not null,
    primary key (tenant, id),
    unique (id),
    unique (tenant, item_number)
) strict, without rowid;

-- One item at one location. `priority` and `open` are the location's, copied so that reserving needs no more
-- reads; whoever changes the location has them copied again.
create table inventory_balances (
    tenant integer not null,
    id blob not null,
    item_id integer not null,
    location_id integer not null,
    version integer not null,
    on_hand integer not null check (on_hand >= 0),
    allocated integer not null check (allocated >= 0),
    reorder_point integer check (reorder_point >= 0),
    priority integer not null,
    open integer not null check (open in (0, 1)),
    created_at integer not null,
    updated_at integer not null,
    event_sequence integer not null,
    primary key (tenant, id),
    unique (tenant, item_id, location_id),
    check (allocated <= on_hand),
    foreign key (tenant, item_id) references inventory_items (tenant, id)
) strict, without rowid;
create index inventory_balances_at on inventory_balances (tenant, location_id, id);
create index inventory_balances_watched on inventory_balances (tenant, id)
    where reorder_point is not null;

create table inventory_reservations (
    tenant integer not null,
    id blob not null,
    version integer not null,
    item_id integer not null,
    location_id integer not null,
    quantity integer not null check (quantity > 0),
    consumed integer not null check (consumed >= 0),
    status text not null check (status in ('active', 'consumed', 'released', 'expired')),
    expires_at integer,
    reference text,
    order_id blob,
    order_item_id blob,
    created_at integer not null,
    updated_at integer not null,
    event_sequence integer not null,
    primary key (tenant, id),
    check (consumed <= quantity),
    check ((status = 'consumed') = (consumed = quantity))
) strict, without rowid;
create index inventory_reservations_of on inventory_reservations (tenant, order_id, id)
    where order_id is not null;
create index inventory_reservations_active on inventory_reservations
    (tenant, item_id, location_id, id) where status = 'active';
create index inventory_reservations_due on inventory_reservations (expires_at)
    where status = 'active' and expires_at is not null;

-- The ledger: append-only; its sum is the balance.
create table inventory_movements (
    tenant integer not null,
    id blob not null,
    item_id integer not null,
    location_id integer not null,
    kind text not null,
    delta integer not null check (delta <> 0),
    on_hand integer not null check (on_hand >= 0),
    reason text,
    reference blob,
    actor text not null,
    created_at integer not null,
    primary key (tenant, id)
) strict, without rowid;
create index inventory_movements_of on inventory_movements (tenant, item_id, id);
