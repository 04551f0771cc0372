-- One shipment.
select * from shipments where tenant = :tenant and id = :id
