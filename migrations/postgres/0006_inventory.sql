-- Stock. Quantities count ten-thousandths. Item and location ids are numbers of the whole installation.
create table locations (
    tenant bigint not null,
    id bigint not null,
    version bigint not null,
    code text collate "C" not null,
    name text not null,
    type text not null,
    priority bigint not null,
    active boolean not null,
    address jsonb,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    event_sequence bigint not null,
    primary key (tenant, id),
    unique (id) deferrable,
    unique (tenant, code) deferrable
);
comment on table locations is 'Where stock lies. MAIN exists from the first day of a tenant.';
comment on column locations.priority is 'Smaller ones are drawn from first.';
comment on column locations.active is 'Else nothing is received or drawn here.';

create table inventory_items (
    tenant bigint not null,
    id bigint not null,
    version bigint not null,
    item_number text collate "C" not null,
    description text,
    uom text not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    event_sequence bigint not null,
    primary key (tenant, id),
    unique (id) deferrable,
    unique (tenant, item_number) deferrable
);
comment on table inventory_items is 'What is counted.';
comment on column inventory_items.item_number is 'The sku of a variant, for goods that are sold.';
comment on column inventory_items.uom is 'Unit of measure: each, kg, …';

-- One item at one location. `priority` and `open` are the location's, copied so that reserving needs no more
-- reads; whoever changes the location has them copied again.
create table inventory_balances (
    tenant bigint not null,
    id uuid not null,
    item_id bigint not null,
    location_id bigint not null,
    version bigint not null,
    on_hand bigint not null check (on_hand >= 0),
    allocated bigint not null check (allocated >= 0),
    reorder_point bigint check (reorder_point >= 0),
    priority bigint not null,
    open boolean not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    event_sequence bigint not null,
    primary key (tenant, id),
    unique (tenant, item_id, location_id) deferrable,
    check (allocated <= on_hand),
    foreign key (tenant, item_id) references inventory_items (tenant, id) deferrable initially deferred
) with (fillfactor = 60);
create index inventory_balances_at on inventory_balances (tenant, location_id, id);
create index inventory_balances_watched on inventory_balances (tenant, id)
    where reorder_point is not null;
comment on table inventory_balances is 'How much of an item lies at a location. on_hand - allocated is available to promise.';
comment on column inventory_balances.on_hand is 'Ten-thousandths of the item''s unit.';
comment on column inventory_balances.allocated is 'Ten-thousandths: what active reservations hold.';
comment on column inventory_balances.reorder_point is 'Ten-thousandths: at or below it the stock counts as low.';
comment on column inventory_balances.priority is 'The location''s, copied.';
comment on column inventory_balances.open is 'The location''s `active`, copied.';

create table inventory_reservations (
    tenant bigint not null,
    id uuid not null,
    version bigint not null,
    item_id bigint not null,
    location_id bigint not null,
    quantity bigint not null check (quantity > 0),
    consumed bigint not null check (consumed >= 0),
    status text not null check (status in ('active', 'consumed', 'released', 'expired')),
    expires_at timestamptz,
    reference text,
    order_id uuid,
    order_item_id uuid,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    event_sequence bigint not null,
    primary key (tenant, id),
    check (consumed <= quantity),
    check ((status = 'consumed') = (consumed = quantity))
) with (fillfactor = 80);
create index inventory_reservations_of on inventory_reservations (tenant, order_id, id)
    where order_id is not null;
create index inventory_reservations_active on inventory_reservations
    (tenant, item_id, location_id, id) where status = 'active';
create index inventory_reservations_due on inventory_reservations (expires_at)
    where status = 'active' and expires_at is not null;
comment on table inventory_reservations is 'Promises of stock, of an order''s line or by hand. An active one holds quantity - consumed.';
comment on column inventory_reservations.quantity is 'Ten-thousandths of the item''s unit.';
comment on column inventory_reservations.consumed is 'Ten-thousandths that left the shelf.';
comment on column inventory_reservations.expires_at is 'Null: it does not expire (paid, on hold).';

-- The ledger: append-only; its sum is the balance.
create table inventory_movements (
    tenant bigint not null,
    id uuid not null,
    item_id bigint not null,
    location_id bigint not null,
    kind text not null,
    delta bigint not null check (delta <> 0),
    on_hand bigint not null check (on_hand >= 0),
    reason text,
    reference uuid,
    actor text not null,
    created_at timestamptz not null,
    primary key (tenant, id)
);
create index inventory_movements_of on inventory_movements (tenant, item_id, id);
comment on table inventory_movements is 'Every change of on_hand, in order of id; never changed.';
comment on column inventory_movements.kind is 'receive, adjust, ship, consume, transfer or count.';
comment on column inventory_movements.delta is 'Ten-thousandths of the item''s unit.';
comment on column inventory_movements.on_hand is 'Ten-thousandths, afterwards.';
comment on column inventory_movements.reference is 'The reservation or shipment behind it.';
