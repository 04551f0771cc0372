-- What is wrong with the lines of an import, in the order of the file.
select * from import_errors
where tenant = :tenant and import_id = :id
  and id > :after_id --? after_id
order by id
limit :limit
