-- Goods that come back: what is announced, what arrived, what became of it, and the money that goes back for it.
create table returns (
    tenant integer not null,
    id blob not null,
    version integer not null,
    rma_number text not null,
    order_id blob not null,
    customer_id blob not null,
    status text not null check (status in ('requested', 'approved', 'received', 'inspected', 'completed', 'rejected',
        'cancelled')),
    location_id integer,
    currency text not null,
    value integer not null check (value >= 0),
    exchanged integer not null check (exchanged >= 0),
    refund_amount integer not null check (refund_amount >= 0),
    unrefundable integer not null check (unrefundable >= 0),
    refunded integer not null check (refunded >= 0),
    refunding integer not null check (refunding >= 0),
    refund_status text not null check (refund_status in ('none', 'processing', 'succeeded', 'failed')),
    replacements text not null,
    exchange_order_id blob,
    history text not null,
    notes text,
    metadata text not null,
    refund_ids text not null,
    created_at integer not null,
    updated_at integer not null,
    event_sequence integer not null,
    primary key (tenant, id),
    unique (tenant, rma_number),
    check (value = exchanged + refund_amount + unrefundable),
    check (refunded + refunding <= refund_amount),
    check (value = 0 or status = 'completed')
) strict, without rowid;
create index returns_of_order on returns (tenant, order_id, id);
create index returns_of_customer on returns (tenant, customer_id, id);
create index returns_by_status on returns (tenant, status, id);

create table return_items (
    tenant integer not null,
    id blob not null,
    return_id blob not null,
    order_item_id blob not null,
    sku text not null,
    quantity integer not null check (quantity > 0),
    received integer check (received between 0 and quantity),
    reason text,
    condition text,
    disposition text check (disposition in ('restock', 'quarantine', 'scrap')),
    serial_numbers text not null,
    currency text not null,
    value integer not null check (value >= 0),
    primary key (tenant, id),
    check (disposition is null or received > 0),
    foreign key (tenant, return_id) references returns (tenant, id)
) strict, without rowid;
create index return_items_of_return on return_items (tenant, return_id, id);
create index return_items_of_line on return_items (tenant, order_item_id);

create index refunds_of_return on refunds (tenant, return_id, id) where return_id is not null;
