-- The newest event of the log, for a consumer that passes over what nobody wants.
select coalesce(max(position), 0) as position from events where position < log_horizon()
