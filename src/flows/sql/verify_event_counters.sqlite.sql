-- An aggregate has counted every event of it: none was written without it or lost.
select a.tenant, a.place, a.id,
       'it counted ' || a.event_sequence || ' events, the log has ' || coalesce(e.last, 0)
from (select tenant, 'orders' as place, 'order' as noun, id, event_sequence from orders
      union all select tenant, 'payments' as place, 'payment' as noun, id, event_sequence from payments
      union all select tenant, 'refunds' as place, 'refund' as noun, id, event_sequence from refunds
      union all select tenant, 'shipments' as place, 'shipment' as noun, id, event_sequence from shipments
      union all select tenant, 'returns' as place, 'return' as noun, id, event_sequence from returns
      union all select tenant, 'customers' as place, 'customer' as noun, id, event_sequence from customers
      union all select tenant, 'products' as place, 'product' as noun, id, event_sequence from products
      union all select tenant, 'warranties' as place, 'warranty' as noun, id, event_sequence from warranties
      union all select tenant, 'claims' as place, 'claim' as noun, id, event_sequence from claims
      union all select tenant, 'boms' as place, 'bom' as noun, id, event_sequence from boms
      union all select tenant, 'work_orders' as place, 'work_order' as noun, id, event_sequence from work_orders
      union all select tenant, 'inventory_reservations' as place, 'reservation' as noun, id, event_sequence from inventory_reservations
      union all select tenant, 'inventory_transfers' as place, 'transfer' as noun, id, event_sequence from inventory_transfers
      union all select tenant, 'inventory_balances' as place, 'balance' as noun, id, event_sequence from inventory_balances) as a
left join (select tenant, aggregate_type, replace(aggregate_id, '-', '') as digits,
                  max(sequence) as last
           from events group by tenant, aggregate_type, aggregate_id) e
  on e.digits = lower(hex(a.id)) and e.tenant = a.tenant and e.aggregate_type = a.noun
where a.event_sequence <> coalesce(e.last, 0)
  and not (e.last is null and exists (select 1 from cursors where name = 'forgotten'))
