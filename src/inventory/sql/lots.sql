-- Lots, newest first, of an item, by number, or of what lies at a location.
select * from inventory_lots
where tenant = :tenant
  and item_id = :item_id            --? item_id
  and lot_number = :lot_number      --? lot_number
  and status = :status              --? status
  and expires_on < :expires_before  --? expires_before
  and exists (select 1 from inventory_lot_balances b                --? location_id
              where b.tenant = inventory_lots.tenant                --? location_id
                and b.lot_id = inventory_lots.id                    --? location_id
                and b.location_id = :location_id)                   --? location_id
  and id < :after_id                --? after_id
order by id desc
limit :limit
