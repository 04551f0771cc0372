-- An order is found by exactly the tags it shows.
select t.tenant, 'order_tags', t.id, 'its order does not show it'
from order_tags t
where not exists (select 1 from orders o, jsonb_array_elements_text(o.tags) as word
                  where o.tenant = t.tenant and o.id = t.order_id and word = t.tag)
union all
select o.tenant, 'orders', o.id, 'it is not found by its tag ' || word
from orders o, jsonb_array_elements_text(o.tags) as word
where not exists (select 1 from order_tags t
                  where t.tenant = o.tenant and t.order_id = o.id and t.tag = word)
