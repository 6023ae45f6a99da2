-- The code that binds an e-mail factor to the account's address.
create table factor_codes (
    factor_id uuid primary key references factors on delete cascade,
    code_hash bytea not null,           -- HMAC under a server key
    tries smallint not null default 0,
    expires_at timestamptz not null
);
