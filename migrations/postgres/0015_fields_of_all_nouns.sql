-- What returns, warranties, manufacturing and the rest of stock and orders need of the nouns that are there already.
alter table customers
    add column language text not null default 'en',
    add column email_notifications boolean not null default true,
    add column sms_notifications boolean not null default true;
comment on column customers.language is 'ISO 639-1: of what is written to them.';

alter table products
    add column backorder text not null default 'deny' check (backorder in ('deny', 'allow')),
    add column warranty_months bigint check (warranty_months > 0),
    add column tax_category text not null default 'standard';
comment on column products.backorder is 'Whether an order may wait for stock that is not there.';
comment on column products.warranty_months is 'From delivery; null: no warranty by itself.';
alter table product_variants
    add column backorder text not null default 'deny' check (backorder in ('deny', 'allow')),
    add column tax_category text not null default 'standard';

alter table inventory_items
    add column tracking text not null default 'none' check (tracking in ('none', 'lot', 'serial'));
comment on column inventory_items.tracking is 'How pieces are told apart.';
alter table inventory_balances
    add column quarantined bigint not null default 0
        check (quarantined >= 0 and allocated + quarantined <= on_hand);
comment on column inventory_balances.quarantined is 'Ten-thousandths that are there and may not be used.';
alter table inventory_reservations add column work_order_id uuid, add column lot_id uuid;
create index inventory_reservations_for on inventory_reservations (tenant, work_order_id, id)
    where work_order_id is not null;
create index inventory_reservations_lot on inventory_reservations (tenant, lot_id, id) where lot_id is not null;
alter table inventory_movements add column lot_id uuid;
create index inventory_movements_lot on inventory_movements (tenant, lot_id, id) where lot_id is not null;

alter table orders
    add column order_discount bigint not null default 0,
    add column hold_reason text,
    add column origin text check (origin in ('split', 'exchange', 'replacement')),
    add column origin_order_id uuid,
    add column merged_into uuid;
update orders set order_discount = discount_total where discount_total <> 0;
alter table orders add check (order_discount between 0 and discount_total);
create index orders_from on orders (tenant, origin_order_id) where origin_order_id is not null;
comment on column orders.order_discount is 'Minor units: of discount_total, what was taken off the order as a whole.';
comment on column orders.merged_into is 'The order that has its lines now.';
alter table order_items
    add column line_discount bigint not null default 0 check (line_discount between 0 and discount),
    add column backordered bigint not null default 0
        check (backordered >= 0 and reserved + shipped + backordered <= quantity),
    add column backorder boolean not null default false;
comment on column order_items.line_discount is 'Minor units: of discount, what was taken off this line by itself.';
comment on column order_items.backordered is 'Pieces that wait for stock.';
comment on column order_items.backorder is 'The product''s, when it was ordered.';

alter table refunds add column return_id uuid;
alter table shipment_items add column serial_numbers jsonb not null default '[]';
