-- A piece of a file.
select * from job_chunks where tenant = :tenant and job_id = :job_id and number = :number
