-- Every filter of the list of orders finds its page without walking the others.
create index orders_by_payment_status on orders (tenant, payment_status, id);
create index orders_by_fulfillment_status on orders (tenant, fulfillment_status, id);
create index orders_archived on orders (tenant, id) where archived_at is not null;
