-- BOMs, work orders, and what went into what. Quantities count ten-thousandths.
-- What an item is made of at this moment: one row of every item that stands in a BOM. `id` is the item's.
create table bom_compositions (
    tenant integer not null,
    id integer not null,
    version integer not null,
    sku text not null,
    revisions integer not null check (revisions >= 0),
    active_bom_id blob,
    contains text not null,
    created_at integer not null,
    updated_at integer not null,
    primary key (tenant, id)
) strict, without rowid;

-- What one piece of a product is made of, in revisions of which one is active.
create table boms (
    tenant integer not null,
    id blob not null,
    version integer not null,
    bom_number text not null,
    product_id blob not null,
    sku text not null,
    item_id integer not null,
    tracking text not null check (tracking in ('none', 'lot', 'serial')),
    revision integer not null check (revision > 0),
    status text not null check (status in ('draft', 'active', 'obsolete')),
    notes text,
    metadata text not null,
    activated_at integer,
    active_product_id blob,
    created_at integer not null,
    updated_at integer not null,
    event_sequence integer not null,
    primary key (tenant, id),
    unique (tenant, bom_number),
    unique (tenant, product_id, revision),
    unique (tenant, active_product_id),
    check ((status = 'active') = (active_product_id is not null)),
    check (active_product_id = product_id)
) strict, without rowid;
create index boms_by_product on boms (tenant, product_id, id);
create index boms_active on boms (tenant, item_id) where status = 'active';
create index boms_by_sku on boms (tenant, sku, id);

-- A line of a BOM: what goes into one piece.
create table bom_items (
    tenant integer not null,
    id blob not null,
    bom_id blob not null,
    sku text not null,
    item_id integer not null,
    tracking text not null check (tracking in ('none', 'lot', 'serial')),
    quantity integer not null check (quantity > 0),
    scrap_percent integer not null check (scrap_percent between 0 and 1000000),
    primary key (tenant, id),
    unique (tenant, bom_id, item_id),
    foreign key (tenant, bom_id) references boms (tenant, id)
) strict, without rowid;
create index bom_items_of on bom_items (tenant, bom_id, id);

-- What an item costs to buy.
create table item_costs (
    tenant integer not null,
    id blob not null,
    version integer not null,
    item_id integer not null,
    sku text not null,
    unit_cost integer not null check (unit_cost >= 0),
    per integer not null check (per > 0),
    currency text not null,
    created_at integer not null,
    updated_at integer not null,
    primary key (tenant, id),
    unique (tenant, item_id)
) strict, without rowid;
create index item_costs_by_sku on item_costs (tenant, sku, id);

-- Turns components into a product at a location.
create table work_orders (
    tenant integer not null,
    id blob not null,
    version integer not null,
    work_order_number text not null,
    kind text not null check (kind in ('build', 'repair')),
    bom_id blob not null,
    product_id blob not null,
    sku text not null,
    item_id integer not null,
    tracking text not null check (tracking in ('none', 'lot', 'serial')),
    location_id integer not null,
    quantity integer not null check (quantity > 0),
    produced integer not null check (produced >= 0),
    scrapped integer not null check (scrapped >= 0),
    status text not null check (status in ('planned', 'released', 'in_progress', 'on_hold', 'completed', 'cancelled')),
    held_from text check (held_from in ('released', 'in_progress')),
    priority integer not null check (priority >= 0),
    assignee text,
    due_on integer,
    claim_id blob,
    hold_reason text,
    cancel_reason text,
    notes text,
    metadata text not null,
    released_at integer,
    started_at integer,
    completed_at integer,
    created_at integer not null,
    updated_at integer not null,
    event_sequence integer not null,
    primary key (tenant, id),
    unique (tenant, work_order_number),
    check (produced + scrapped <= quantity),
    check (status <> 'completed' or produced + scrapped = quantity),
    check ((status = 'on_hold') = (held_from is not null))
) strict, without rowid;
create index work_orders_by_status on work_orders (tenant, status, id);
create index work_orders_by_product on work_orders (tenant, product_id, id);
create index work_orders_by_bom on work_orders (tenant, bom_id, id);
create index work_orders_of_claim on work_orders (tenant, claim_id, id) where claim_id is not null;
create index work_orders_planned on work_orders (tenant, item_id, due_on)
    where status in ('planned', 'released', 'in_progress', 'on_hold');

-- What a work order needs of one item; reserved + consumed never exceed what is required.
create table work_order_items (
    tenant integer not null,
    id blob not null,
    work_order_id blob not null,
    sku text not null,
    item_id integer not null,
    tracking text not null check (tracking in ('none', 'lot', 'serial')),
    quantity integer not null check (quantity > 0),
    scrap_percent integer not null check (scrap_percent between 0 and 1000000),
    required integer not null check (required > 0),
    reserved integer not null check (reserved >= 0),
    consumed integer not null check (consumed >= 0),
    reservation_ids text not null,
    primary key (tenant, id),
    unique (tenant, work_order_id, item_id),
    check (reserved + consumed <= required),
    foreign key (tenant, work_order_id) references work_orders (tenant, id)
) strict, without rowid;
create index work_order_items_of on work_order_items (tenant, work_order_id, id);

-- One time that something was finished; never changed.
create table work_order_completions (
    tenant integer not null,
    id blob not null,
    work_order_id blob not null,
    quantity integer not null check (quantity >= 0),
    scrapped integer not null check (scrapped >= 0),
    reason text,
    actor text not null,
    created_at integer not null,
    primary key (tenant, id),
    check (quantity + scrapped > 0)
) strict, without rowid;
create index work_order_completions_of on work_order_completions (tenant, work_order_id, id);

-- Genealogy: what a work order consumed, by lot; never changed. Without a completion: issued ahead.
create table work_order_consumptions (
    tenant integer not null,
    id blob not null,
    work_order_id blob not null,
    completion_id blob,
    item_id integer not null,
    lot_id blob,
    serial_number text,
    quantity integer not null check (quantity > 0),
    created_at integer not null,
    primary key (tenant, id)
) strict, without rowid;
create index work_order_consumptions_of on work_order_consumptions (tenant, work_order_id, id);
create index work_order_consumptions_lot on work_order_consumptions (tenant, lot_id, id) where lot_id is not null;
create index work_order_consumptions_serial on work_order_consumptions (tenant, item_id, serial_number)
    where serial_number is not null;

-- Genealogy: what came of a completion, by lot or piece; never changed.
create table work_order_outputs (
    tenant integer not null,
    id blob not null,
    work_order_id blob not null,
    completion_id blob not null,
    item_id integer not null,
    lot_id blob,
    serial_number text,
    quantity integer not null check (quantity > 0),
    created_at integer not null,
    primary key (tenant, id)
) strict, without rowid;
create index work_order_outputs_of on work_order_outputs (tenant, work_order_id, id);
create index work_order_outputs_lot on work_order_outputs (tenant, lot_id, id) where lot_id is not null;
create index work_order_outputs_serial on work_order_outputs (tenant, item_id, serial_number)
    where serial_number is not null;
