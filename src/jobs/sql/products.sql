-- Products for an export, in the order of their ids.
select p.id, p.name, p.sku, p.description, p.brand, p.price, p.currency, p.status, p.track_inventory, i.tracking,
  p.backorder, p.warranty_months, p.tax_category, p.metadata, p.tags
from products p left join inventory_items i on i.tenant = p.tenant and i.item_number = p.sku
where p.tenant = :tenant and p.created_at <= :until
  and p.id > :after_id --? after_id
  and p.created_at >= :created_after --? created_after
  and p.created_at < :created_before --? created_before
order by p.id
limit :most
