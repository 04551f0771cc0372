-- Money that comes by bank transfer or on account, and refunds of it, are marked as paid by hand.
alter table payments add column due_on date, add column paid_on date, add column reference text;
comment on column payments.due_on is 'Last day on which the money may come; later it fails as overdue. Null: no end.';
comment on column payments.reference is 'Words of the bank or of the bookkeeper for the money.';
alter table refunds add column paid_on date, add column reference text;

-- A gateway's message names its charge, not the tenant.
create index payments_by_charge on payments (gateway_reference, gateway) where gateway_reference is not null;
