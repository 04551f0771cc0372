-- Imports and exports: what was asked for, how far it is, and the files in pieces.

-- The window of lines being done begins at record `position`, which stands at `at_byte` of chunk `at_chunk`, in
-- line `at_line` of the file; bit n of `marks` says that record position + n was done.
create table imports (
    tenant integer not null,
    id blob not null,
    version integer not null,
    kind text not null check (kind in ('products', 'customers', 'stock', 'orders')),
    format text not null check (format in ('csv', 'jsonl')),
    mode text not null check (mode in ('create', 'upsert')),
    unknown_fields text not null check (unknown_fields in ('refuse', 'ignore')),
    dry_run integer not null check (dry_run in (0, 1)),
    status text not null check (status in ('pending', 'running', 'completed', 'failed', 'cancelled')),
    chunks integer not null check (chunks >= 0),
    bytes integer not null check (bytes >= 0),
    lines_read integer not null,
    lines_done integer not null check (lines_done >= 0),
    lines_failed integer not null check (lines_failed >= 0),
    progress integer not null check (progress between 0 and 100),
    failure text,
    actor text not null,
    actor_id blob not null,
    user_id blob not null,
    position integer not null check (position >= 0),
    at_chunk integer not null,
    at_byte integer not null,
    at_line integer not null,
    bytes_before integer not null,
    marks integer not null check (marks >= 0),
    columns text not null,
    started_at integer,
    finished_at integer,
    created_at integer not null,
    updated_at integer not null,
    primary key (tenant, id),
    check ((failure is not null) = (status = 'failed')),
    check ((finished_at is null) = (status in ('pending', 'running'))),
    check (lines_done + lines_failed <= lines_read)
) strict, without rowid;
create index imports_active on imports (tenant, id) where status = 'running';

create table import_errors (
    tenant integer not null,
    id blob not null,
    import_id blob not null,
    line integer not null,
    field text,
    pointer text not null,
    code text not null,
    detail text not null,
    created_at integer not null,
    primary key (tenant, id)
) strict, without rowid;
create index import_errors_of on import_errors (tenant, import_id, id);

create table exports (
    tenant integer not null,
    id blob not null,
    version integer not null,
    kind text not null check (kind in ('products', 'customers', 'stock', 'orders')),
    format text not null check (format in ('csv', 'jsonl')),
    status text not null check (status in ('running', 'completed', 'failed', 'cancelled')),
    created_after integer,
    created_before integer,
    chunks integer not null check (chunks >= 0),
    bytes integer not null check (bytes >= 0),
    rows integer not null check (rows >= 0),
    failure text,
    actor text not null,
    actor_id blob not null,
    user_id blob not null,
    walked_to blob,
    finished_at integer,
    created_at integer not null,
    updated_at integer not null,
    primary key (tenant, id),
    check ((failure is not null) = (status = 'failed')),
    check ((finished_at is null) = (status = 'running'))
) strict, without rowid;
create index exports_active on exports (tenant, id) where status = 'running';

create table job_chunks (
    tenant integer not null,
    id blob not null,
    job_id blob not null,
    number integer not null check (number > 0),
    content text not null,
    primary key (tenant, id),
    unique (tenant, job_id, number)
) strict, without rowid;
create index job_chunks_old on job_chunks (id);
