-- The imports of a tenant that their reader may see, newest first.
select * from imports
where tenant = :tenant
  and (:products = true or kind <> 'products') and (:customers = true or kind <> 'customers')
  and (:stock = true or kind <> 'stock') and (:orders = true or kind <> 'orders')
  and kind = :kind --? kind
  and status = :status --? status
  and id < :after_id --? after_id
order by id desc
limit :limit
