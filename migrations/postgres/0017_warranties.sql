-- What was promised about goods that were sold, and what was claimed under it. That a claim which was resolved names
-- what it made is said here too, so that no bug can store another.
create table warranties (
    tenant bigint not null,
    id uuid not null,
    version bigint not null,
    warranty_number text collate "C" not null,
    product_id uuid not null,
    customer_id uuid not null,
    order_id uuid,
    order_item_id uuid,
    serial_number text collate "C",
    quantity bigint not null check (quantity > 0),
    starts_on date not null,
    ends_on date not null,
    terms text,
    status text not null check (status in ('active', 'void', 'expired')),
    void_reason text,
    metadata jsonb not null,
    serial_key text collate "C",
    shipment_item_id uuid,
    piece bigint not null check (piece >= 0),
    created_at timestamptz not null,
    updated_at timestamptz not null,
    event_sequence bigint not null,
    primary key (tenant, id),
    unique (tenant, warranty_number) deferrable,
    unique (tenant, serial_key) deferrable,
    unique (tenant, shipment_item_id, piece) deferrable,
    check (starts_on <= ends_on),
    check (serial_number is null or quantity = 1),
    check (order_item_id is null or order_id is not null),
    check ((serial_key is not null) = (serial_number is not null and status <> 'void'))
);
create index warranties_of_customer on warranties (tenant, customer_id, id);
create index warranties_of_product on warranties (tenant, product_id, id);
create index warranties_of_order on warranties (tenant, order_id, id) where order_id is not null;
create index warranties_by_serial on warranties (tenant, serial_number, id) where serial_number is not null;
create index warranties_by_status on warranties (tenant, status, id);
create index warranties_by_end on warranties (ends_on) where status = 'active';
comment on table warranties is 'What was promised about goods that were sold, piece by piece where these are told apart.';
comment on column warranties.quantity is 'Pieces; one where it has a serial number.';
comment on column warranties.ends_on is 'The last day that is covered.';
comment on column warranties.serial_key is 'Product and serial number, while it is not void: unique, unlike serial_number.';
comment on column warranties.shipment_item_id is 'The delivery that registered it; null: somebody did by hand.';
comment on column warranties.piece is 'Which of the delivery''s pieces, from 0.';

create table claims (
    tenant bigint not null,
    id uuid not null,
    warranty_id uuid not null,
    version bigint not null,
    claim_number text collate "C" not null,
    customer_id uuid not null,
    product_id uuid not null,
    description text not null,
    evidence jsonb not null,
    quantity bigint not null check (quantity > 0),
    status text not null check (status in ('submitted', 'under_review', 'approved', 'rejected', 'withdrawn',
        'resolved')),
    decision_reason text,
    resolution text check (resolution in ('repair', 'replace', 'refund')),
    resolution_reason text,
    work_order_id uuid,
    order_id uuid,
    refund_ids jsonb not null,
    metadata jsonb not null,
    decided_at timestamptz,
    resolved_at timestamptz,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    event_sequence bigint not null,
    primary key (tenant, id),
    unique (tenant, claim_number) deferrable,
    foreign key (tenant, warranty_id) references warranties (tenant, id) deferrable initially deferred,
    check ((resolution is not null) = (status = 'resolved')),
    check ((resolved_at is not null) = (status = 'resolved')),
    check ((work_order_id is not null) = coalesce(resolution = 'repair', false)),
    check ((order_id is not null) = coalesce(resolution = 'replace', false)),
    check ((refund_ids <> '[]') = coalesce(resolution = 'refund', false))
);
create index claims_of_warranty on claims (tenant, warranty_id, id);
create index claims_of_customer on claims (tenant, customer_id, id);
create index claims_by_status on claims (tenant, status, id);
create index claims_by_order on claims (tenant, order_id) where order_id is not null;
create index claims_by_work_order on claims (tenant, work_order_id) where work_order_id is not null;
comment on table claims is 'What customers claim under a warranty, and what became of it.';
comment on column claims.evidence is 'Array of URLs.';
comment on column claims.quantity is 'Pieces of the warranty that it is about.';
comment on column claims.order_id is 'The order that replaces them.';
comment on column claims.work_order_id is 'The work order that repairs them.';
comment on column claims.refund_ids is 'Array of refunds that pay for them.';
