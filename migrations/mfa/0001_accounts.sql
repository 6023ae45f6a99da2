-- Applications, their accounts, factors and everything that one login touches.

-- A client application. Every other row belongs to exactly one.
create table apps (
    id uuid primary key,
    client_id text not null unique check (client_id ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
    name text not null,                 -- what people see in mails and authenticator apps
    certificate text unique,            -- URI name of its client certificate: spiffe://snug/<client>
    secret_hash bytea,                  -- SHA-256 of a secret of 256 random bits
    scopes text[] not null,
    created_at timestamptz not null default now(),
    disabled_at timestamptz
);

create table accounts (
    id uuid primary key,
    app_id uuid not null references apps,
    email text not null,                -- as it was typed
    email_key text not null,            -- lower-cased: decides which addresses are the same
    email_verified_at timestamptz,
    username text,
    name text,
    language text not null,
    password_hash text,                 -- argon2id, PHC string
    factor_required boolean not null,
    created_at timestamptz not null,
    completed_at timestamptz,
    expires_at timestamptz,             -- unfinished accounts only
    check ((completed_at is null) = (expires_at is not null))
);
create unique index accounts_username on accounts (app_id, username);
-- Uniqueness of an address is decided when it is verified, not before.
create unique index accounts_email_verified on accounts (app_id, email_key)
    where email_verified_at is not null;
create index accounts_email on accounts (app_id, email_key, created_at desc);
create index accounts_expiry on accounts (expires_at) where expires_at is not null;

-- The code that proves an account's address. A new code replaces the older one.
create table email_codes (
    account_id uuid primary key references accounts on delete cascade,
    code_hash bytea not null,           -- HMAC under a server key; random when the address is taken
    tries smallint not null default 0,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    used_at timestamptz
);

create table factors (
    id uuid primary key,
    account_id uuid not null references accounts on delete cascade,
    kind text not null,
    label text not null,
    secret bytea not null,              -- sealed
    last_step bigint not null default -1, -- newest time step that was accepted
    created_at timestamptz not null,
    expires_at timestamptz,             -- pending factors only
    activated_at timestamptz,
    last_used_at timestamptz,
    check ((activated_at is null) = (expires_at is not null))
);
create index factors_account on factors (account_id, created_at);

create table recovery_codes (
    account_id uuid not null references accounts on delete cascade,
    code_hash bytea not null,           -- HMAC under a server key
    used_at timestamptz,
    primary key (account_id, code_hash)
);

-- A pending check of a second factor. It can be answered once.
create table challenges (
    id uuid primary key,
    app_id uuid not null references apps,
    account_id uuid not null references accounts on delete cascade,
    purpose text not null,
    context text,
    password boolean not null,          -- the password was given before
    created_at timestamptz not null,
    expires_at timestamptz not null,
    completed_at timestamptz,
    code_hash bytea,                    -- the code sent last
    code_tries smallint not null default 0,
    code_expires_at timestamptz
);
create index challenges_account on challenges (account_id, created_at desc);
create index challenges_expiry on challenges (expires_at);
