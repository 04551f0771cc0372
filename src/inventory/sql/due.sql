-- Active reservations whose time is over, of all tenants, longest overdue first.
select tenant, id, order_id from inventory_reservations
where status = 'active' and expires_at is not null and expires_at <= :now
order by expires_at
limit :most
