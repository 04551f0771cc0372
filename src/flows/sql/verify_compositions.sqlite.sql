-- What an item says it contains, for looking for cycles, is what its active BOM lists.
select b.tenant, 'boms', b.id, 'its composition lists other items'
from boms b
join bom_compositions c on c.tenant = b.tenant and c.id = b.item_id
where b.status = 'active'
  and (json_array_length(c.contains) <> (select count(*) from bom_items i
                                         where i.tenant = b.tenant and i.bom_id = b.id)
       or exists (select 1 from bom_items i
                  where i.tenant = b.tenant and i.bom_id = b.id
                    and i.item_id not in (select e.value from json_each(c.contains) e)))
