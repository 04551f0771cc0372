-- Tenants, the people and keys that act in them, and what they may do.

-- Rows of the whole installation (tenant 0); `number` is what every other table calls `tenant`.
create table tenants (
    tenant bigint not null check (tenant = 0),
    id uuid not null,
    number bigint not null check (number > 0),
    name text collate "C" not null,
    administrators bigint not null check (administrators >= 0),
    created_at timestamptz not null,
    primary key (tenant, id),
    unique (tenant, number) deferrable,
    unique (tenant, name) deferrable
);
comment on table tenants is 'The organisations of this installation. All other tables name one by its number.';
comment on column tenants.tenant is 'Always 0: the installation.';
comment on column tenants.number is 'What every other table calls `tenant`.';
comment on column tenants.administrators is 'Its active users with the role admin.';

-- Login names no tenant, so an e-mail address is one user's over all tenants.
create table users (
    tenant bigint not null,
    id uuid not null,
    version bigint not null,
    email text collate "C" not null check (email = lower(email)),
    name text,
    password text not null,
    roles jsonb not null,
    active boolean not null,
    sessions_from timestamptz not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    event_sequence bigint not null,
    primary key (tenant, id),
    unique (email) deferrable,
    unique (id) deferrable
);
comment on table users is 'People who log in.';
comment on column users.password is 'Argon2id, PHC form.';
comment on column users.roles is 'Array of roles.name.';
comment on column users.sessions_from is 'Sessions begun before do not count.';

create table roles (
    tenant bigint not null,
    id uuid not null,
    version bigint not null,
    name text collate "C" not null,
    description text,
    permissions jsonb not null,
    built_in boolean not null,
    user_count bigint not null check (user_count >= 0),
    created_at timestamptz not null,
    updated_at timestamptz not null,
    event_sequence bigint not null,
    primary key (tenant, id),
    unique (tenant, name) deferrable
);
comment on table roles is 'What users may do, by the names that users.roles holds.';
comment on column roles.permissions is 'Array of words like orders:create.';

-- A key is found by its digest before its tenant is known.
create table api_keys (
    tenant bigint not null,
    id uuid not null,
    version bigint not null,
    user_id uuid not null,
    name text not null,
    prefix text not null,
    digest text collate "C" not null,
    scopes jsonb not null,
    status text not null check (status in ('active', 'revoked')),
    expires_at timestamptz,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    event_sequence bigint not null,
    primary key (tenant, id),
    unique (digest) deferrable,
    foreign key (tenant, user_id) references users (tenant, id) deferrable initially deferred
);
create index api_keys_of_user on api_keys (tenant, user_id, id);
comment on table api_keys is 'Keys that programs act with, each for one user.';
comment on column api_keys.prefix is 'The beginning of the key, to tell keys apart.';
comment on column api_keys.digest is 'SHA-256 of the key, in hexadecimal.';
comment on column api_keys.scopes is 'Array of permissions it is narrowed to.';

-- Apart from the keys, so that using one changes neither its version nor its owner's.
create table api_key_uses (
    tenant bigint not null,
    id uuid not null,
    last_used_at timestamptz not null,
    primary key (tenant, id)
) with (fillfactor = 70);
comment on table api_key_uses is 'When each key was last used, to the minute.';

-- A login and all the refresh tokens that follow from it, one after the other; the digests are of
-- the newest and of the one before. Found by id before the tenant is known.
create table sessions (
    tenant bigint not null,
    id uuid not null,
    user_id uuid not null,
    generation bigint not null check (generation >= 0),
    digest text not null,
    former_digest text,
    rotated_at timestamptz not null,
    expires_at timestamptz not null,
    revoked_at timestamptz,
    created_at timestamptz not null,
    primary key (tenant, id),
    unique (id) deferrable
) with (fillfactor = 85);
create index sessions_by_end on sessions (expires_at);
create index sessions_of_user on sessions (tenant, user_id);
comment on table sessions is 'Logins, with the newest refresh token of each.';
comment on column sessions.generation is 'How often its refresh token was renewed.';
