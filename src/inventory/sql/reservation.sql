-- One reservation.
select * from inventory_reservations where tenant = :tenant and id = :id
