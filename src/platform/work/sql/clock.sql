-- The database's time, by which an instance notices that its own clock is wrong.
select clock_timestamp() as now
