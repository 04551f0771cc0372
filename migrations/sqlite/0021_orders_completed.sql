-- Orders, completed: tax rates by region, lines that wait for stock, and what orders are searched by.
create table tax_countries (
    tenant integer not null,
    id blob not null,
    version integer not null,
    country text not null,
    rates text not null,
    created_at integer not null,
    updated_at integer not null,
    primary key (tenant, id),
    unique (tenant, country)
) strict, without rowid;

create table tax_rates (
    tenant integer not null,
    id blob not null,
    version integer not null,
    country_id blob not null,
    country text not null,
    region text,
    category text not null,
    rate integer not null check (rate between 0 and 10000),
    name text not null,
    valid_from integer,
    valid_until integer,
    created_at integer not null,
    updated_at integer not null,
    primary key (tenant, id),
    foreign key (tenant, country_id) references tax_countries (tenant, id),
    check (valid_from <= valid_until)
) strict, without rowid;
create index tax_rates_of on tax_rates (tenant, country_id, id);

create table backorders (
    tenant integer not null,
    id blob not null,
    order_id blob not null,
    order_item_id blob not null,
    item_id integer not null,
    sku text not null,
    quantity integer not null check (quantity > 0),
    since integer not null,
    primary key (tenant, id),
    foreign key (tenant, order_id) references orders (tenant, id)
) strict, without rowid;
create index backorders_of on backorders (tenant, order_id, id);
create index backorders_for on backorders (tenant, item_id, since, id);
alter table inventory_items add column backordered integer not null default 0 check (backordered >= 0);
create index inventory_items_owed on inventory_items (tenant, id) where backordered > 0;

alter table order_items add column tax_category text not null default 'standard';
alter table order_items add column tax_rate_given integer not null default 0 check (tax_rate_given in (0, 1));
update order_items set tax_rate_given = 1 where tax_rate <> 0;

create table order_tags (
    tenant integer not null,
    id blob not null,
    order_id blob not null,
    tag text not null,
    primary key (tenant, id),
    foreign key (tenant, order_id) references orders (tenant, id)
) strict, without rowid;
create index order_tags_of on order_tags (tenant, order_id, id);
create index order_tags_by_tag on order_tags (tenant, tag, order_id);
insert into order_tags (tenant, id, order_id, tag)
select tenant, randomblob(16), order_id, tag
from (select distinct orders.tenant, orders.id as order_id, words.value as tag
      from orders, json_each(orders.tags) as words);

-- What GET /orders?q= looks up.
create index customers_by_name on customers (tenant, lower(first_name || ' ' || coalesce(last_name, '')), id);
create index customers_by_last_name on customers (tenant, lower(last_name), id);
create index orders_with_notes on orders (tenant, id) where notes is not null;
