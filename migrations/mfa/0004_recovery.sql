-- Ways back into an account and ways to stay known: resets, new addresses, remembered devices.

-- A forgotten password. Rows for names that nobody has look the same, so that nobody can tell.
create table password_resets (
    id uuid primary key,                -- random: who has it may go on
    app_id uuid not null references apps,
    account_id uuid references accounts on delete cascade, -- null: nobody's
    subject bytea not null,             -- whose failures are counted: a digest of what was typed
    code_hash bytea not null,           -- HMAC under a server key; random when nobody's
    tries smallint not null default 0,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    proved_at timestamptz,              -- the code was given
    completed_at timestamptz
);
create index password_resets_account on password_resets (account_id);
create index password_resets_expiry on password_resets (expires_at);

-- A new address that waits for its code. The old one counts until then.
create table email_changes (
    account_id uuid primary key references accounts on delete cascade,
    email text not null,
    email_key text not null,
    code_hash bytea not null,           -- HMAC under a server key; random when the address is taken
    tries smallint not null default 0,
    created_at timestamptz not null,
    expires_at timestamptz not null
);
create index email_changes_expiry on email_changes (expires_at);

-- A browser or app in which a second factor was given, to be asked for the password only. Its token
-- holds the id, a generation and an HMAC of both: each use makes the next generation, and an older
-- one that comes back has been stolen.
create table remembered_devices (
    id uuid primary key,                -- random: part of the token
    account_id uuid not null references accounts on delete cascade,
    label text not null,
    seed bytea not null,                -- random, in the HMAC
    generation integer not null default 1,
    rotated_at timestamptz not null,
    created_at timestamptz not null,
    expires_at timestamptz not null
);
create index remembered_devices_account on remembered_devices (account_id, created_at);
create index remembered_devices_expiry on remembered_devices (expires_at);

-- An operator takes the factors off an account, a day after its owner was told.
create table factor_resets (
    id uuid primary key,
    account_id uuid not null references accounts on delete cascade,
    cancel_hash bytea not null,         -- SHA-256 of 256 random bits in the mail's link
    requested_at timestamptz not null,
    due_at timestamptz not null,
    cancelled_at timestamptz,
    completed_at timestamptz
);
-- One at a time.
create unique index factor_resets_open on factor_resets (account_id)
    where cancelled_at is null and completed_at is null;
create index factor_resets_due on factor_resets (due_at)
    where cancelled_at is null and completed_at is null;
