-- Orders, completed: tax rates by region, lines that wait for stock, and what orders are searched by.
create table tax_countries (
    tenant bigint not null,
    id uuid not null,
    version bigint not null,
    country text collate "C" not null,
    rates jsonb not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (tenant, id),
    unique (tenant, country) deferrable
);
comment on table tax_countries is 'All tax rates of a country in one row, so that placing an order asks for one.';
comment on column tax_countries.country is 'ISO 3166-1 alpha-2, capital letters.';
comment on column tax_countries.rates is 'Its rows of tax_rates: region, category, rate, valid_from, valid_until.';

create table tax_rates (
    tenant bigint not null,
    id uuid not null,
    version bigint not null,
    country_id uuid not null,
    country text collate "C" not null,
    region text collate "C",
    category text collate "C" not null,
    rate bigint not null check (rate between 0 and 10000),
    name text not null,
    valid_from date,
    valid_until date,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (tenant, id),
    foreign key (tenant, country_id) references tax_countries (tenant, id) deferrable initially deferred,
    check (valid_from <= valid_until)
);
create index tax_rates_of on tax_rates (tenant, country_id, id);
comment on table tax_rates is 'What share of a discounted price is added as tax, by where it goes and what it is.';
comment on column tax_rates.rate is 'Ten-thousandths: 1900 is 19 %.';
comment on column tax_rates.valid_from is 'First day in UTC; null: always.';
comment on column tax_rates.valid_until is 'Last day in UTC; null: for ever.';

create table backorders (
    tenant bigint not null,
    id uuid not null,
    order_id uuid not null,
    order_item_id uuid not null,
    item_id bigint not null,
    sku text collate "C" not null,
    quantity bigint not null check (quantity > 0),
    since timestamptz not null,
    primary key (tenant, id),
    foreign key (tenant, order_id) references orders (tenant, id) deferrable initially deferred
);
create index backorders_of on backorders (tenant, order_id, id);
create index backorders_for on backorders (tenant, item_id, since, id);
comment on table backorders is 'Order lines that wait for stock, those that wait longest first in line.';
comment on column backorders.quantity is 'Pieces.';
comment on column backorders.since is 'Its place in the queue of its item.';
alter table inventory_items add column backordered bigint not null default 0 check (backordered >= 0);
create index inventory_items_owed on inventory_items (tenant, id) where backordered > 0;
comment on column inventory_items.backordered is 'Ten-thousandths that its backorders add up to; newcomers leave them that much.';

alter table order_items
    add column tax_category text not null default 'standard',
    add column tax_rate_given boolean not null default false;
update order_items set tax_rate_given = true where tax_rate <> 0;
comment on column order_items.tax_category is 'The product''s, when it was ordered.';
comment on column order_items.tax_rate_given is 'Said by the caller: it stays when the address changes.';

create table order_tags (
    tenant bigint not null,
    id uuid not null,
    order_id uuid not null,
    tag text collate "C" not null,
    primary key (tenant, id),
    foreign key (tenant, order_id) references orders (tenant, id) deferrable initially deferred
);
create index order_tags_of on order_tags (tenant, order_id, id);
create index order_tags_by_tag on order_tags (tenant, tag, order_id);
comment on table order_tags is 'The tags of orders once more, to find orders by.';
insert into order_tags (tenant, id, order_id, tag)
select distinct on (orders.tenant, orders.id, tag) orders.tenant, gen_random_uuid(), orders.id, tag
from orders, jsonb_array_elements_text(orders.tags) as tag;

-- What GET /orders?q= looks up.
create index customers_by_name
    on customers (tenant, (lower(first_name || ' ' || coalesce(last_name, '')) collate "C"), id);
create index customers_by_last_name on customers (tenant, (lower(last_name) collate "C"), id);
create index orders_with_notes on orders (tenant, id) where notes is not null;
