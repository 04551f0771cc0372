-- Tax rates, newest first; a tenant has some hundreds at most.
select * from tax_rates
where tenant = :tenant
  and country = upper(:country)  --? country
  and category = :category       --? category
  and id < :after_id             --? after_id
order by id desc
limit :limit
