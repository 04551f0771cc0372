-- Whether the database answers: readiness asks it.
select 1 as alive
