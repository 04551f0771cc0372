-- The database's time, by which an instance notices that its own clock is wrong.
select cast((julianday('now') - 2440587.5) * 86400000000.0 as integer) as now
