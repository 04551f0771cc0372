-- What asks for attention is rare among much that does not: each is found without walking the rest.
create index orders_paid_in_vain on orders (tenant, status, id)
    where status in ('pending', 'cancelled') and payment_status in ('authorized', 'partially_paid', 'paid');
create index webhook_deliveries_dead on webhook_deliveries (tenant, id) where status = 'dead';
create index refunds_processing on refunds (tenant, id) where status = 'processing';
