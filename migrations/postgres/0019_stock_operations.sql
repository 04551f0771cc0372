-- Stock on its way between locations, and stock that is counted.
create table inventory_transfers (
    tenant bigint not null,
    id uuid not null,
    version bigint not null,
    transfer_number text collate "C" not null,
    from_location_id bigint not null,
    to_location_id bigint not null,
    status text collate "C" not null
        check (status in ('draft', 'in_transit', 'partially_received', 'received', 'cancelled')),
    expected_on date,
    reference text collate "C",
    notes text,
    end_reason text,
    shipped_at timestamptz,
    ended_at timestamptz,
    metadata jsonb not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    event_sequence bigint not null,
    primary key (tenant, id),
    unique (tenant, transfer_number) deferrable,
    check (from_location_id <> to_location_id),
    check (shipped_at is not null or status in ('draft', 'cancelled')),
    check ((ended_at is not null) = (status in ('received', 'cancelled')))
);
create index inventory_transfers_by_status on inventory_transfers (tenant, status, id);
create index inventory_transfers_from on inventory_transfers (tenant, from_location_id, id);
create index inventory_transfers_to on inventory_transfers (tenant, to_location_id, id);
comment on table inventory_transfers is 'Stock that moves from one location to another.';
comment on column inventory_transfers.expected_on is 'When it should arrive; null: nobody knows.';
comment on column inventory_transfers.end_reason is 'Why it was closed short or cancelled.';
comment on column inventory_transfers.ended_at is 'When it was received in full, closed or cancelled.';
comment on column inventory_transfers.metadata is 'The integrator''s own: an object of text.';

create table inventory_transfer_items (
    tenant bigint not null,
    id uuid not null,
    transfer_id uuid not null,
    item_id bigint not null,
    sku text collate "C" not null,
    quantity bigint not null check (quantity > 0),
    shipped bigint not null check (shipped in (0, quantity)),
    received bigint not null check (received >= 0),
    returned bigint not null check (returned >= 0),
    lost bigint not null check (lost >= 0),
    loads jsonb not null,
    primary key (tenant, id),
    unique (tenant, transfer_id, item_id) deferrable,
    check (received + returned + lost <= shipped),
    foreign key (tenant, transfer_id) references inventory_transfers (tenant, id) deferrable initially deferred
);
create index inventory_transfer_items_of on inventory_transfer_items (tenant, transfer_id, id);
create index inventory_transfer_items_on_the_way on inventory_transfer_items (tenant, item_id, id)
    where shipped > received + returned + lost;
comment on table inventory_transfer_items is 'What a transfer moves. In transit is shipped - received - returned - lost.';
comment on column inventory_transfer_items.quantity is 'Ten-thousandths of the item''s unit.';
comment on column inventory_transfer_items.shipped is 'Ten-thousandths that left the source.';
comment on column inventory_transfer_items.received is 'Ten-thousandths that arrived.';
comment on column inventory_transfer_items.returned is 'Ten-thousandths that went back to the source.';
comment on column inventory_transfer_items.lost is 'Ten-thousandths that never arrived.';
comment on column inventory_transfer_items.loads is 'Array of lots and how much of each left and came out.';

create table inventory_counts (
    tenant bigint not null,
    id uuid not null,
    version bigint not null,
    count_number text collate "C" not null,
    location_id bigint not null,
    status text collate "C" not null check (status in ('open', 'completed', 'cancelled')),
    reference text collate "C",
    notes text,
    end_reason text,
    ended_at timestamptz,
    metadata jsonb not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (tenant, id),
    unique (tenant, count_number) deferrable,
    check ((ended_at is null) = (status = 'open'))
);
create index inventory_counts_by_status on inventory_counts (tenant, status, id);
create index inventory_counts_at on inventory_counts (tenant, location_id, id);
comment on table inventory_counts is 'What somebody counted at a location.';
comment on column inventory_counts.metadata is 'The integrator''s own: an object of text.';

create table inventory_count_lines (
    tenant bigint not null,
    id uuid not null,
    count_id uuid not null,
    item_id bigint not null,
    sku text collate "C" not null,
    lot_number text,
    counted bigint not null check (counted >= 0),
    counted_at timestamptz not null,
    counted_by text not null,
    on_record bigint not null check (on_record >= 0),
    expected bigint,
    difference bigint,
    moved_since bigint,
    on_hand bigint,
    primary key (tenant, id),
    check ((expected is null) = (difference is null)),
    check (expected is null or difference = counted - expected),
    check (on_hand is null or on_hand = counted + moved_since),
    foreign key (tenant, count_id) references inventory_counts (tenant, id) deferrable initially deferred
);
create unique index inventory_count_lines_once on inventory_count_lines
    (tenant, count_id, item_id, coalesce(lot_number, ''));
create index inventory_count_lines_of on inventory_count_lines (tenant, count_id, id);
comment on table inventory_count_lines is 'One item of a count, of items tracked by lot one lot.';
comment on column inventory_count_lines.counted is 'Ten-thousandths of the item''s unit.';
comment on column inventory_count_lines.on_record is 'Ten-thousandths that the ledger said at counted_at; not shown while the count is open.';
comment on column inventory_count_lines.expected is 'on_record, shown once the count is completed.';
comment on column inventory_count_lines.difference is 'Ten-thousandths: counted - expected, what completing corrected.';
comment on column inventory_count_lines.moved_since is 'Ten-thousandths that came and went between counted_at and completion.';
comment on column inventory_count_lines.on_hand is 'Ten-thousandths after completion: counted + moved_since.';
