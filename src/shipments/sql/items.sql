-- What is in one shipment, in the order it was put in.
select * from shipment_items where tenant = :tenant and shipment_id = :id order by id limit 1000
