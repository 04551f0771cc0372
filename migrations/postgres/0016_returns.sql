-- Goods that come back: what is announced, what arrived, what became of it, and the money that goes back for it.
create table returns (
    tenant bigint not null,
    id uuid not null,
    version bigint not null,
    rma_number text collate "C" not null,
    order_id uuid not null,
    customer_id uuid not null,
    status text collate "C" not null check (status in ('requested', 'approved', 'received', 'inspected', 'completed',
        'rejected', 'cancelled')),
    location_id bigint,
    currency text not null,
    value bigint not null check (value >= 0),
    exchanged bigint not null check (exchanged >= 0),
    refund_amount bigint not null check (refund_amount >= 0),
    unrefundable bigint not null check (unrefundable >= 0),
    refunded bigint not null check (refunded >= 0),
    refunding bigint not null check (refunding >= 0),
    refund_status text not null check (refund_status in ('none', 'processing', 'succeeded', 'failed')),
    replacements jsonb not null,
    exchange_order_id uuid,
    history jsonb not null,
    notes text,
    metadata jsonb not null,
    refund_ids jsonb not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    event_sequence bigint not null,
    primary key (tenant, id),
    unique (tenant, rma_number) deferrable,
    check (value = exchanged + refund_amount + unrefundable),
    check (refunded + refunding <= refund_amount),
    check (value = 0 or status = 'completed')
) with (fillfactor = 80);
create index returns_of_order on returns (tenant, order_id, id);
create index returns_of_customer on returns (tenant, customer_id, id);
create index returns_by_status on returns (tenant, status, id);
comment on table returns is 'Goods of one order that come back, and what is given back for them.';
comment on column returns.location_id is 'Where they are put; null: to where each was shipped from.';
comment on column returns.value is 'Minor units of `currency` that what came back is worth, once completed.';
comment on column returns.exchanged is 'Minor units of value that paid for exchange_order_id.';
comment on column returns.refund_amount is 'Minor units of value to be given back.';
comment on column returns.unrefundable is 'Minor units of value that no payment was left for.';
comment on column returns.refunded is 'Minor units of refund_amount that were given back.';
comment on column returns.refunding is 'Minor units of refund_amount whose refund is under way.';
comment on column returns.replacements is 'Array of what is wanted instead: sku or product_id, quantity.';
comment on column returns.history is 'Array of what happened, oldest first.';
comment on column returns.metadata is 'The integrator''s own: an object of text.';
comment on column returns.refund_ids is 'Array of refunds.id: all that it made.';

create table return_items (
    tenant bigint not null,
    id uuid not null,
    return_id uuid not null,
    order_item_id uuid not null,
    sku text not null,
    quantity bigint not null check (quantity > 0),
    received bigint check (received between 0 and quantity),
    reason text,
    condition text,
    disposition text check (disposition in ('restock', 'quarantine', 'scrap')),
    serial_numbers jsonb not null,
    currency text not null,
    value bigint not null check (value >= 0),
    primary key (tenant, id),
    check (disposition is null or received > 0),
    foreign key (tenant, return_id) references returns (tenant, id) deferrable initially deferred
);
create index return_items_of_return on return_items (tenant, return_id, id);
create index return_items_of_line on return_items (tenant, order_item_id);
comment on table return_items is 'Which pieces of an order come back, and what becomes of them.';
comment on column return_items.quantity is 'Pieces that were announced.';
comment on column return_items.received is 'Pieces that arrived; null: not yet.';
comment on column return_items.value is 'Minor units of `currency`, once completed.';

create index refunds_of_return on refunds (tenant, return_id, id) where return_id is not null;
