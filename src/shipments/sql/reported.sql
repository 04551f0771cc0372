-- Whose shipment a carrier reports about, over all tenants, and the secrets its signature may be made with.
select shipments.tenant, shipments.id, secret, previous_secret, previous_secret_until
from shipments
left join carriers on carriers.tenant = shipments.tenant and code = carrier
where tracking_number = :tracking_number and carrier = :carrier
order by shipments.id
limit 100
