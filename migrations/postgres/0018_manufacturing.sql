-- BOMs, work orders, and what went into what. Quantities count ten-thousandths.
create table bom_compositions (
    tenant bigint not null,
    id bigint not null,
    version bigint not null,
    sku text not null,
    revisions bigint not null check (revisions >= 0),
    active_bom_id uuid,
    contains jsonb not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (tenant, id)
);
comment on table bom_compositions is 'What an item is made of at this moment: one row of every item that stands in a BOM.';
comment on column bom_compositions.id is 'The item''s.';
comment on column bom_compositions.contains is 'The items of its active BOM.';

create table boms (
    tenant bigint not null,
    id uuid not null,
    version bigint not null,
    bom_number text collate "C" not null,
    product_id uuid not null,
    sku text collate "C" not null,
    item_id bigint not null,
    tracking text not null check (tracking in ('none', 'lot', 'serial')),
    revision bigint not null check (revision > 0),
    status text not null check (status in ('draft', 'active', 'obsolete')),
    notes text,
    metadata jsonb not null,
    activated_at timestamptz,
    active_product_id uuid,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    event_sequence bigint not null,
    primary key (tenant, id),
    unique (tenant, bom_number) deferrable,
    unique (tenant, product_id, revision) deferrable,
    unique (tenant, active_product_id) deferrable,
    check ((status = 'active') = (active_product_id is not null)),
    check (active_product_id = product_id)
);
create index boms_by_product on boms (tenant, product_id, id);
create index boms_active on boms (tenant, item_id) where status = 'active';
create index boms_by_sku on boms (tenant, sku, id);
comment on table boms is 'What one piece of a product is made of, in revisions of which one is active.';
comment on column boms.active_product_id is 'The product while it is active, else null: one active revision each.';

create table bom_items (
    tenant bigint not null,
    id uuid not null,
    bom_id uuid not null,
    sku text collate "C" not null,
    item_id bigint not null,
    tracking text not null check (tracking in ('none', 'lot', 'serial')),
    quantity bigint not null check (quantity > 0),
    scrap_percent bigint not null check (scrap_percent between 0 and 1000000),
    primary key (tenant, id),
    unique (tenant, bom_id, item_id) deferrable,
    foreign key (tenant, bom_id) references boms (tenant, id) deferrable initially deferred
);
create index bom_items_of on bom_items (tenant, bom_id, id);
comment on table bom_items is 'A line of a BOM: what goes into one piece.';
comment on column bom_items.quantity is 'Ten-thousandths of the item''s unit.';
comment on column bom_items.scrap_percent is 'Ten-thousandths of a per cent, on top of the quantity.';

create table item_costs (
    tenant bigint not null,
    id uuid not null,
    version bigint not null,
    item_id bigint not null,
    sku text collate "C" not null,
    unit_cost bigint not null check (unit_cost >= 0),
    per bigint not null check (per > 0),
    currency text not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (tenant, id),
    unique (tenant, item_id) deferrable
);
create index item_costs_by_sku on item_costs (tenant, sku, id);
comment on table item_costs is 'What an item costs to buy.';
comment on column item_costs.unit_cost is 'Minor units, for `per` of the item.';
comment on column item_costs.per is 'Ten-thousandths of the item''s unit.';

create table work_orders (
    tenant bigint not null,
    id uuid not null,
    version bigint not null,
    work_order_number text collate "C" not null,
    kind text not null check (kind in ('build', 'repair')),
    bom_id uuid not null,
    product_id uuid not null,
    sku text collate "C" not null,
    item_id bigint not null,
    tracking text not null check (tracking in ('none', 'lot', 'serial')),
    location_id bigint not null,
    quantity bigint not null check (quantity > 0),
    produced bigint not null check (produced >= 0),
    scrapped bigint not null check (scrapped >= 0),
    status text not null check (status in ('planned', 'released', 'in_progress', 'on_hold', 'completed', 'cancelled')),
    held_from text check (held_from in ('released', 'in_progress')),
    priority bigint not null check (priority >= 0),
    assignee text,
    due_on date,
    claim_id uuid,
    hold_reason text,
    cancel_reason text,
    notes text,
    metadata jsonb not null,
    released_at timestamptz,
    started_at timestamptz,
    completed_at timestamptz,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    event_sequence bigint not null,
    primary key (tenant, id),
    unique (tenant, work_order_number) deferrable,
    check (produced + scrapped <= quantity),
    check (status <> 'completed' or produced + scrapped = quantity),
    check ((status = 'on_hold') = (held_from is not null))
) with (fillfactor = 80);
create index work_orders_by_status on work_orders (tenant, status, id);
create index work_orders_by_product on work_orders (tenant, product_id, id);
create index work_orders_by_bom on work_orders (tenant, bom_id, id);
create index work_orders_of_claim on work_orders (tenant, claim_id, id) where claim_id is not null;
create index work_orders_planned on work_orders (tenant, item_id, due_on)
    where status in ('planned', 'released', 'in_progress', 'on_hold');
comment on table work_orders is 'Turns components into a product at a location.';
comment on column work_orders.quantity is 'Ten-thousandths.';
comment on column work_orders.produced is 'Ten-thousandths.';
comment on column work_orders.scrapped is 'Ten-thousandths.';
comment on column work_orders.priority is 'Lower comes first.';
comment on column work_orders.held_from is 'Where it goes back to.';

create table work_order_items (
    tenant bigint not null,
    id uuid not null,
    work_order_id uuid not null,
    sku text collate "C" not null,
    item_id bigint not null,
    tracking text not null check (tracking in ('none', 'lot', 'serial')),
    quantity bigint not null check (quantity > 0),
    scrap_percent bigint not null check (scrap_percent between 0 and 1000000),
    required bigint not null check (required > 0),
    reserved bigint not null check (reserved >= 0),
    consumed bigint not null check (consumed >= 0),
    reservation_ids jsonb not null,
    primary key (tenant, id),
    unique (tenant, work_order_id, item_id) deferrable,
    check (reserved + consumed <= required),
    foreign key (tenant, work_order_id) references work_orders (tenant, id) deferrable initially deferred
) with (fillfactor = 80);
create index work_order_items_of on work_order_items (tenant, work_order_id, id);
comment on table work_order_items is 'What a work order needs of one item; reserved + consumed never exceed what is required.';
comment on column work_order_items.quantity is 'Ten-thousandths, for one piece.';
comment on column work_order_items.required is 'Ten-thousandths, in all.';
comment on column work_order_items.reserved is 'Ten-thousandths: what its active reservations hold.';
comment on column work_order_items.consumed is 'Ten-thousandths that left the shelf.';

create table work_order_completions (
    tenant bigint not null,
    id uuid not null,
    work_order_id uuid not null,
    quantity bigint not null check (quantity >= 0),
    scrapped bigint not null check (scrapped >= 0),
    reason text,
    actor text not null,
    created_at timestamptz not null,
    primary key (tenant, id),
    check (quantity + scrapped > 0)
);
create index work_order_completions_of on work_order_completions (tenant, work_order_id, id);
comment on table work_order_completions is 'One time that something was finished; never changed.';
comment on column work_order_completions.quantity is 'Ten-thousandths.';
comment on column work_order_completions.scrapped is 'Ten-thousandths.';

create table work_order_consumptions (
    tenant bigint not null,
    id uuid not null,
    work_order_id uuid not null,
    completion_id uuid,
    item_id bigint not null,
    lot_id uuid,
    serial_number text collate "C",
    quantity bigint not null check (quantity > 0),
    created_at timestamptz not null,
    primary key (tenant, id)
);
create index work_order_consumptions_of on work_order_consumptions (tenant, work_order_id, id);
create index work_order_consumptions_lot on work_order_consumptions (tenant, lot_id, id) where lot_id is not null;
create index work_order_consumptions_serial on work_order_consumptions (tenant, item_id, serial_number)
    where serial_number is not null;
comment on table work_order_consumptions is 'Genealogy: what a work order consumed, by lot; never changed. Without a completion: issued ahead.';
comment on column work_order_consumptions.quantity is 'Ten-thousandths.';

create table work_order_outputs (
    tenant bigint not null,
    id uuid not null,
    work_order_id uuid not null,
    completion_id uuid not null,
    item_id bigint not null,
    lot_id uuid,
    serial_number text collate "C",
    quantity bigint not null check (quantity > 0),
    created_at timestamptz not null,
    primary key (tenant, id)
);
create index work_order_outputs_of on work_order_outputs (tenant, work_order_id, id);
create index work_order_outputs_lot on work_order_outputs (tenant, lot_id, id) where lot_id is not null;
create index work_order_outputs_serial on work_order_outputs (tenant, item_id, serial_number)
    where serial_number is not null;
comment on table work_order_outputs is 'Genealogy: what came of a completion, by lot or piece; never changed.';
comment on column work_order_outputs.quantity is 'Ten-thousandths.';
