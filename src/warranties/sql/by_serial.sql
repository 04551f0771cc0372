-- Every warranty that a serial number has or had, newest first; of those that are not void, one for each product.
select * from warranties
where tenant = :tenant and serial_number = :serial_number
  and product_id = :product_id  --? product_id
order by id desc
limit 100
