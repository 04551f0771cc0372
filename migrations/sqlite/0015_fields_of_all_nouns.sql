-- What returns, warranties, manufacturing and the rest of stock and orders need of the nouns that are there already.
alter table customers add column language text not null default 'en';
alter table customers add column email_notifications integer not null default 1 check (email_notifications in (0, 1));
alter table customers add column sms_notifications integer not null default 1 check (sms_notifications in (0, 1));

alter table products add column backorder text not null default 'deny' check (backorder in ('deny', 'allow'));
alter table products add column warranty_months integer check (warranty_months > 0);
alter table products add column tax_category text not null default 'standard';
alter table product_variants add column backorder text not null default 'deny' check (backorder in ('deny', 'allow'));
alter table product_variants add column tax_category text not null default 'standard';

alter table inventory_items add column tracking text not null default 'none' check (tracking in ('none', 'lot', 'serial'));
alter table inventory_balances add column quarantined integer not null default 0
    check (quarantined >= 0 and allocated + quarantined <= on_hand);
alter table inventory_reservations add column work_order_id blob;
alter table inventory_reservations add column lot_id blob;
create index inventory_reservations_for on inventory_reservations (tenant, work_order_id, id)
    where work_order_id is not null;
create index inventory_reservations_lot on inventory_reservations (tenant, lot_id, id) where lot_id is not null;
alter table inventory_movements add column lot_id blob;
create index inventory_movements_lot on inventory_movements (tenant, lot_id, id) where lot_id is not null;

alter table orders add column order_discount integer not null default 0 check (order_discount between 0 and discount_total);
update orders set order_discount = discount_total;
alter table orders add column hold_reason text;
alter table orders add column origin text check (origin in ('split', 'exchange', 'replacement'));
alter table orders add column origin_order_id blob;
alter table orders add column merged_into blob;
create index orders_from on orders (tenant, origin_order_id) where origin_order_id is not null;
alter table order_items add column line_discount integer not null default 0 check (line_discount between 0 and discount);
alter table order_items add column backordered integer not null default 0
    check (backordered >= 0 and reserved + shipped + backordered <= quantity);
alter table order_items add column backorder integer not null default 0 check (backorder in (0, 1));

alter table refunds add column return_id blob;
alter table shipment_items add column serial_numbers text not null default '[]';
