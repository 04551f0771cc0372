-- Money that comes by bank transfer or on account, and refunds of it, are marked as paid by hand.
alter table payments add column due_on integer;
alter table payments add column paid_on integer;
alter table payments add column reference text;

alter table refunds add column paid_on integer;
alter table refunds add column reference text;

-- A gateway's message names its charge, not the tenant.
create index payments_by_charge on payments (gateway_reference, gateway) where gateway_reference is not null;
