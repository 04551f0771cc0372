-- A first attempt waits for the earlier ones of its aggregate, whether somebody has them already or not.
drop index webhook_deliveries_leased;
create index webhook_deliveries_first on webhook_deliveries (tenant, endpoint_id, aggregate_id, position)
    where status = 'pending' and tries = 0;
