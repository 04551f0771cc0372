-- Counts the changes of all locations, to notice one that another instance committed.
select coalesce(sum(version), 0) as changes from locations
