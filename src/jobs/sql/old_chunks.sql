-- Files that were kept long enough, or of an import that nobody started. A chunk is as old as its id.
select tenant, id from job_chunks c
where id < :before
  and not exists (select 1 from imports i where i.tenant = c.tenant and i.id = c.job_id and i.status = 'running')
limit :most
