-- How far a consumer of the log has come.
select position from cursors where tenant = :tenant and name = :name
