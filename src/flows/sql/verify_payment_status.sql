-- The status of a payment agrees with its sums.
select tenant, 'payments', id,
       'it is ' || status || ' with ' || captured || ' captured and ' || refunded || ' refunded'
from payments
where (status in ('processing', 'authorized', 'failed', 'voided') and captured > 0)
   or (status in ('captured', 'partially_refunded', 'refunded') and captured = 0)
   or (status = 'captured' and refunded > 0)
   or (status = 'partially_refunded' and not (refunded > 0 and refunded < captured))
   or (status = 'refunded' and refunded < captured)
