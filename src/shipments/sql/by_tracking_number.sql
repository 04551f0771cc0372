-- The shipment a customer asks about; carriers may share a number, the newest is meant.
select * from shipments
where tenant = :tenant and tracking_number = :number
order by id desc
limit 1
