-- One reservation per transaction, as a program without batches does it: the row is locked and read, then
-- changed, and the reservation and its event are written.
begin;
select id, on_hand, allocated, version from inventory_balances
where tenant = 1 and item_id = :item and location_id = 1 for update;
update inventory_balances set allocated = allocated + 10000, version = version + 1, updated_at = now()
where tenant = 1 and item_id = :item and location_id = 1;
with made as (
    insert into inventory_reservations (tenant, id, version, item_id, location_id, quantity, consumed, status,
        expires_at, created_at, updated_at, event_sequence)
    values (1, bench.id(), 1, :item, 1, 10000, 0, 'active', now() + interval '24 hours', now(), now(), 1)
    returning id)
insert into events (position, tenant, id, type, sequence, aggregate_type, aggregate_id, data, actor, request_id,
    occurred_at)
select (select base from log_epoch) + (cast(cast(pg_current_xact_id() as text) as bigint) << 20) + 1, 1, bench.id(),
    'inventory.reserved', 1, 'reservation', cast(id as text), bench.reserved(),
    'api_key:01a2062c-e3ac-7007-9cd7-32190b6fbad5', '01a2062e-9ed8-7006-b2c9-e746bf1ef335', now()
from made;
end;
