-- The newest event that is committed for everybody, for a consumer that begins with what comes next.
select coalesce(max(position), 0) as position from events where position < log_horizon()
