-- Failure budget, limits, outbox, audit, keys: what the service needs to protect itself.

-- Consecutive failures by subject (an account, or an identifier that may name none) and factor,
-- for one client address or, with an empty address, for all of them.
create table failures (
    subject bytea not null,
    factor text not null,
    address bytea not null,
    failures integer not null,
    locked_until timestamptz,
    succeeded_at timestamptz,
    updated_at timestamptz not null,
    primary key (subject, factor, address)
);
create index failures_age on failures (updated_at);

-- GCRA cells. Losing them in a crash is fine, so they are not logged.
create unlogged table limits (
    key bytea primary key,
    free_at timestamptz not null        -- theoretical arrival time
);
create index limits_age on limits (free_at);

create table outbox (
    id uuid primary key,
    app_id uuid not null references apps,
    kind text not null,
    payload bytea,                      -- sealed; null once it was sent or given up
    state text not null default 'queued' check (state in ('queued', 'sending', 'sent', 'dead')),
    attempts smallint not null default 0,
    next_at timestamptz not null,       -- next attempt, or the end of a lease while sending
    expires_at timestamptz not null,    -- pointless after this
    created_at timestamptz not null,
    finished_at timestamptz,
    error text
);
create index outbox_due on outbox (next_at) where state in ('queued', 'sending');
create index outbox_finished on outbox (finished_at) where finished_at is not null;

create table audit (
    app_id uuid not null references apps,
    seq bigint not null,
    at timestamptz not null,
    account_id uuid,
    action text not null,
    factor text,
    result text not null,
    address text,
    request_id text,
    hash bytea not null,
    primary key (app_id, seq)
);
create index audit_account on audit (account_id, at);
create table audit_heads (
    app_id uuid primary key references apps,
    seq bigint not null,
    hash bytea not null
);

-- What is hashed for one entry; also what a verification recomputes.
create function audit_hash(previous bytea, entry audit) returns bytea language sql stable
return sha256(previous || convert_to(jsonb_build_array(
    entry.app_id, entry.seq, (extract(epoch from entry.at) * 1000000)::bigint, entry.account_id,
    entry.action, entry.factor, entry.result, entry.address, entry.request_id)::text, 'UTF8'));

-- Appends one entry to an application's chain; the head's row lock orders the writers.
create function audit_append(
    app uuid, "when" timestamptz, account uuid, act text, what text, outcome text, client text,
    request text
) returns void language plpgsql as $$
declare
    head audit_heads;
    entry audit;
begin
    insert into audit_heads (app_id, seq, hash) values (app, 0, '')
        on conflict (app_id) do nothing;
    select * into head from audit_heads where app_id = app for update;
    entry := row(app, head.seq + 1, "when", account, act, what, outcome, client, request, ''::bytea);
    entry.hash := audit_hash(head.hash, entry);
    insert into audit select entry.*;
    update audit_heads set seq = entry.seq, hash = entry.hash where app_id = app;
end $$;

create table signing_keys (
    kid text primary key,
    public_key bytea not null,
    private_key bytea not null,         -- sealed
    created_at timestamptz not null,
    retired_at timestamptz              -- signs no more; stays published for a while
);

-- The reply to a request with an Idempotency-Key; null while the request is running.
create table idempotency (
    app_id uuid not null references apps,
    key text not null,
    request_hash bytea not null,
    status smallint,
    reply bytea,                        -- sealed
    created_at timestamptz not null,
    expires_at timestamptz not null,
    primary key (app_id, key)
);
create index idempotency_expiry on idempotency (expires_at);

-- Single values: the known value of the vault, the newest time seen.
create table settings (
    key text primary key,
    value bytea not null
);
