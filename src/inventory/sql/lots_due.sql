-- Lots that may still be used although their day is over, of all tenants, longest over first.
select tenant, id from inventory_lots
where status = 'active' and expires_on is not null and expires_on < :today
order by expires_on
limit :most
