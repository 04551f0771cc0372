-- A country keeps each of its tax rates once more.
select c.tenant, 'tax_countries', c.id,
       'it keeps ' || json_array_length(c.rates) || ' rates and has ' || coalesce(r.many, 0)
from tax_countries c
left join (select tenant, country_id, count(*) as many from tax_rates group by tenant, country_id) r
  on r.tenant = c.tenant and r.country_id = c.id
where json_array_length(c.rates) <> coalesce(r.many, 0)
union all
select r.tenant, 'tax_rates', r.id, 'it names another country than its row'
from tax_rates r
where not exists (select 1 from tax_countries c
                  where c.tenant = r.tenant and c.id = r.country_id and c.country = r.country)
