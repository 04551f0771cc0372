-- One tax rate.
select * from tax_rates where tenant = :tenant and id = :id
