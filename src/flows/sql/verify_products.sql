-- Every product has its own variant, alike in what they share, and tracked variants have an item.
select p.tenant, 'products', p.id, 'its own variant is missing or differs from it'
from products p
where not exists (select 1 from product_variants v
                  where v.tenant = p.tenant and v.sku = p.sku and v.product_id = p.id
                    and v.price = p.price and v.currency = p.currency and v.status = p.status
                    and v.track_inventory = p.track_inventory)
union all
select v.tenant, 'product_variants', v.id, 'it is tracked and has no inventory item'
from product_variants v
where v.track_inventory
  and not exists (select 1 from inventory_items i
                  where i.tenant = v.tenant and i.item_number = v.sku)
