-- What items cost to buy, the ones stated last first.
select * from item_costs
where tenant = :tenant
  and sku = :sku      --? sku
  and id < :after_id  --? after_id
order by id desc
limit :limit
