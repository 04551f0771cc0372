-- One payment.
select * from payments where tenant = :tenant and id = :id
