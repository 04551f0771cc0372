-- One refund.
select * from refunds where tenant = :tenant and id = :id
