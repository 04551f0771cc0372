-- Where lots lie, by location: of one lot or of a page of lots.
select b.* from inventory_lot_balances b
where b.tenant = :tenant and b.lot_id = :id
order by b.location_id
limit 10000
