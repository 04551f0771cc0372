-- What was promised about goods that were sold, and what was claimed under it. That a claim which was resolved names
-- what it made is said here too, so that no bug can store another.
create table warranties (
    tenant integer not null,
    id blob not null,
    version integer not null,
    warranty_number text not null,
    product_id blob not null,
    customer_id blob not null,
    order_id blob,
    order_item_id blob,
    serial_number text,
    quantity integer not null check (quantity > 0),
    starts_on integer not null,
    ends_on integer not null,
    terms text,
    status text not null check (status in ('active', 'void', 'expired')),
    void_reason text,
    metadata text not null,
    serial_key text,
    shipment_item_id blob,
    piece integer not null check (piece >= 0),
    created_at integer not null,
    updated_at integer not null,
    event_sequence integer not null,
    primary key (tenant, id),
    unique (tenant, warranty_number),
    unique (tenant, serial_key),
    unique (tenant, shipment_item_id, piece),
    check (starts_on <= ends_on),
    check (serial_number is null or quantity = 1),
    check (order_item_id is null or order_id is not null),
    check ((serial_key is not null) = (serial_number is not null and status <> 'void'))
) strict, without rowid;
create index warranties_of_customer on warranties (tenant, customer_id, id);
create index warranties_of_product on warranties (tenant, product_id, id);
create index warranties_of_order on warranties (tenant, order_id, id) where order_id is not null;
create index warranties_by_serial on warranties (tenant, serial_number, id) where serial_number is not null;
create index warranties_by_status on warranties (tenant, status, id);
create index warranties_by_end on warranties (ends_on) where status = 'active';

create table claims (
    tenant integer not null,
    id blob not null,
    warranty_id blob not null,
    version integer not null,
    claim_number text not null,
    customer_id blob not null,
    product_id blob not null,
    description text not null,
    evidence text not null,
    quantity integer not null check (quantity > 0),
    status text not null check (status in ('submitted', 'under_review', 'approved', 'rejected', 'withdrawn',
        'resolved')),
    decision_reason text,
    resolution text check (resolution in ('repair', 'replace', 'refund')),
    resolution_reason text,
    work_order_id blob,
    order_id blob,
    refund_ids text not null,
    metadata text not null,
    decided_at integer,
    resolved_at integer,
    created_at integer not null,
    updated_at integer not null,
    event_sequence integer not null,
    primary key (tenant, id),
    unique (tenant, claim_number),
    foreign key (tenant, warranty_id) references warranties (tenant, id),
    check ((resolution is not null) = (status = 'resolved')),
    check ((resolved_at is not null) = (status = 'resolved')),
    check ((work_order_id is not null) = coalesce(resolution = 'repair', 0)),
    check ((order_id is not null) = coalesce(resolution = 'replace', 0)),
    check ((refund_ids <> '[]') = coalesce(resolution = 'refund', 0))
) strict, without rowid;
create index claims_of_warranty on claims (tenant, warranty_id, id);
create index claims_of_customer on claims (tenant, customer_id, id);
create index claims_by_status on claims (tenant, status, id);
create index claims_by_order on claims (tenant, order_id) where order_id is not null;
create index claims_by_work_order on claims (tenant, work_order_id) where work_order_id is not null;
