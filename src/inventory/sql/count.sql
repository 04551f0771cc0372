-- One count.
select * from inventory_counts where tenant = :tenant and id = :id
