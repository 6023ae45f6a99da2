-- Passkeys (WebAuthn). A credential's key lies sealed in its factor's row, as other secrets do.

create table passkeys (
    factor_id uuid primary key references factors on delete cascade,
    app_id uuid not null references apps,
    credential_id bytea not null,
    -- As the authenticator counted last; 0: it does not count.
    sign_count bigint not null,
    -- No credential opens two accounts of an application.
    unique (app_id, credential_id)
);

-- What a browser was asked for the challenge, sealed. Taken by the answer, right or wrong.
alter table challenges add column passkey_state bytea;

-- Logins without a name: the browser says whose passkey it is.
create table passkey_logins (
    id uuid primary key,
    app_id uuid not null references apps,
    purpose text not null,
    state bytea not null,               -- sealed
    expires_at timestamptz not null
);
create index passkey_logins_expiry on passkey_logins (expires_at);
