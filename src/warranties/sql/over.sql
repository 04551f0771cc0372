-- Warranties of all tenants that still count although their last day is over, longest over first.
select tenant, id from warranties
where status = 'active' and ends_on < :today
order by ends_on
limit :most
