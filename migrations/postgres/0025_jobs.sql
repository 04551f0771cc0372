-- Imports and exports: what was asked for, how far it is, and the files in pieces.

create table imports (
    tenant bigint not null,
    id uuid not null,
    version bigint not null,
    kind text collate "C" not null check (kind in ('products', 'customers', 'stock', 'orders')),
    format text not null check (format in ('csv', 'jsonl')),
    mode text not null check (mode in ('create', 'upsert')),
    unknown_fields text not null check (unknown_fields in ('refuse', 'ignore')),
    dry_run boolean not null,
    status text collate "C" not null check (status in ('pending', 'running', 'completed', 'failed', 'cancelled')),
    chunks bigint not null check (chunks >= 0),
    bytes bigint not null check (bytes >= 0),
    lines_read bigint not null,
    lines_done bigint not null check (lines_done >= 0),
    lines_failed bigint not null check (lines_failed >= 0),
    progress bigint not null check (progress between 0 and 100),
    failure text,
    actor text not null,
    actor_id uuid not null,
    user_id uuid not null,
    position bigint not null check (position >= 0),
    at_chunk bigint not null,
    at_byte bigint not null,
    at_line bigint not null,
    bytes_before bigint not null,
    marks bigint not null check (marks >= 0),
    columns jsonb not null,
    started_at timestamptz,
    finished_at timestamptz,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (tenant, id),
    check ((failure is not null) = (status = 'failed')),
    check ((finished_at is null) = (status in ('pending', 'running'))),
    check (lines_done + lines_failed <= lines_read)
) with (fillfactor = 50);
create index imports_active on imports (tenant, id) where status = 'running';
comment on table imports is 'What was asked for, and how far it is.';
comment on column imports.progress is 'Of the bytes, in percent.';
comment on column imports.position is 'How many records lie before the window of those being done.';
comment on column imports.at_chunk is 'Where the window begins: the chunk.';
comment on column imports.at_byte is 'The byte of that chunk.';
comment on column imports.at_line is 'The line of the file.';
comment on column imports.bytes_before is 'Bytes of the chunks before that chunk.';
comment on column imports.marks is 'Bit n: record position + n was done.';
comment on column imports.columns is 'Array of the names in the first record of CSV.';

create table import_errors (
    tenant bigint not null,
    id uuid not null,
    import_id uuid not null,
    line bigint not null,
    field text,
    pointer text not null,
    code text not null,
    detail text not null,
    created_at timestamptz not null,
    primary key (tenant, id)
);
create index import_errors_of on import_errors (tenant, import_id, id);
comment on table import_errors is 'What is wrong with a line of an import; one row for each fault.';

create table exports (
    tenant bigint not null,
    id uuid not null,
    version bigint not null,
    kind text collate "C" not null check (kind in ('products', 'customers', 'stock', 'orders')),
    format text not null check (format in ('csv', 'jsonl')),
    status text collate "C" not null check (status in ('running', 'completed', 'failed', 'cancelled')),
    created_after timestamptz,
    created_before timestamptz,
    chunks bigint not null check (chunks >= 0),
    bytes bigint not null check (bytes >= 0),
    rows bigint not null check (rows >= 0),
    failure text,
    actor text not null,
    actor_id uuid not null,
    user_id uuid not null,
    walked_to uuid,
    finished_at timestamptz,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (tenant, id),
    check ((failure is not null) = (status = 'failed')),
    check ((finished_at is null) = (status = 'running'))
) with (fillfactor = 70);
create index exports_active on exports (tenant, id) where status = 'running';
comment on table exports is 'What was asked for, and how far it is.';
comment on column exports.walked_to is 'Id of the last row that was written.';

create table job_chunks (
    tenant bigint not null,
    id uuid not null,
    job_id uuid not null,
    number bigint not null check (number > 0),
    content text not null,
    primary key (tenant, id),
    unique (tenant, job_id, number) deferrable
);
create index job_chunks_old on job_chunks (id);
comment on table job_chunks is 'Files of imports and exports in pieces.';
comment on column job_chunks.job_id is 'imports.id or exports.id.';
