-- Locations, newest first.
select * from locations
where tenant = :tenant
  and code = :code     --? code
  and type = :type     --? type
  and active = :active --? active
  and id < :after_id   --? after_id
order by id desc
limit :limit
