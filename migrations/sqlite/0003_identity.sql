-- Tenants, the people and keys that act in them, and what they may do.

-- Rows of the whole installation (tenant 0); `number` is what every other table calls `tenant`.
create table tenants (
    tenant integer not null check (tenant = 0),
    id blob not null,
    number integer not null check (number > 0),
    name text not null,
    administrators integer not null check (administrators >= 0),
    created_at integer not null,
    primary key (tenant, id),
    unique (tenant, number),
    unique (tenant, name)
) strict, without rowid;

-- Login names no tenant, so an e-mail address is one user's over all tenants.
create table users (
    tenant integer not null,
    id blob not null,
    version integer not null,
    email text not null check (email = lower(email)),
    name text,
    password text not null,
    roles text not null,
    active integer not null check (active in (0, 1)),
    sessions_from integer not null,
    created_at integer not null,
    updated_at integer not null,
    event_sequence integer not null,
    primary key (tenant, id),
    unique (email),
    unique (id)
) strict, without rowid;

create table roles (
    tenant integer not null,
    id blob not null,
    version integer not null,
    name text not null,
    description text,
    permissions text not null,
    built_in integer not null check (built_in in (0, 1)),
    user_count integer not null check (user_count >= 0),
    created_at integer not null,
    updated_at integer not null,
    event_sequence integer not null,
    primary key (tenant, id),
    unique (tenant, name)
) strict, without rowid;

-- A key is found by its digest before its tenant is known.
create table api_keys (
    tenant integer not null,
    id blob not null,
    version integer not null,
    user_id blob not null,
    name text not null,
    prefix text not null,
    digest text not null,
    scopes text not null,
    status text not null check (status in ('active', 'revoked')),
    expires_at integer,
    created_at integer not null,
    updated_at integer not null,
    event_sequence integer not null,
    primary key (tenant, id),
    unique (digest),
    foreign key (tenant, user_id) references users (tenant, id)
) strict, without rowid;
create index api_keys_of_user on api_keys (tenant, user_id, id);

-- Apart from the keys, so that using one changes neither its version nor its owner's.
create table api_key_uses (
    tenant integer not null,
    id blob not null,
    last_used_at integer not null,
    primary key (tenant, id)
) strict, without rowid;

-- A login and all the refresh tokens that follow from it, one after the other; the digests are of
-- the newest and of the one before. Found by id before the tenant is known.
create table sessions (
    tenant integer not null,
    id blob not null,
    user_id blob not null,
    generation integer not null check (generation >= 0),
    digest text not null,
    former_digest text,
    rotated_at integer not null,
    expires_at integer not null,
    revoked_at integer,
    created_at integer not null,
    primary key (tenant, id),
    unique (id)
) strict, without rowid;
create index sessions_by_end on sessions (expires_at);
create index sessions_of_user on sessions (tenant, user_id);
