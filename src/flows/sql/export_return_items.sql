-- What one customer sent back, for the export of what is stored about them.
select i.*
from returns r join return_items i on i.tenant = r.tenant and i.return_id = r.id
where r.tenant = :tenant and r.customer_id = :id
order by i.return_id, i.id
