-- The lines of the BOMs of one page of a list, for expand=items. The numbers come as a JSON array.
select * from bom_items
where tenant = :tenant
  and bom_id in (select id from boms
                 where tenant = :tenant
                   and bom_number in (select value from json_each(:bom_numbers)))
order by bom_id, id
