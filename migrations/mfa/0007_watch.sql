-- Audit for outsiders, locks that are told once, browsers that are known, signs of stuffing.

-- The text of an entry: what is hashed after the hash of the entry before it, and exported.
create function audit_text(entry audit) returns text language sql stable
return jsonb_build_array(
    entry.app_id, entry.seq, (extract(epoch from entry.at) * 1000000)::bigint, entry.account_id,
    entry.action, entry.factor, entry.result, entry.address, entry.request_id)::text;

create or replace function audit_hash(previous bytea, entry audit) returns bytea
language sql stable
return sha256(previous || convert_to(audit_text(entry), 'UTF8'));

-- When the owner was told of a lock; the next success ends the episode.
alter table failures add column told_at timestamptz;
create function failures_forgiven() returns trigger language plpgsql as $$
begin
    new.told_at := null;
    return new;
end $$;
create trigger failures_forgiven before update on failures for each row
    when (new.failures = 0 and old.told_at is not null) execute function failures_forgiven();

-- Browsers from which somebody signed in, as HMACs.
create table known_browsers (
    account_id uuid not null references accounts on delete cascade,
    browser bytea not null,
    first_at timestamptz not null,
    last_at timestamptz not null,
    primary key (account_id, browser)
);
create index known_browsers_age on known_browsers (last_at);
alter table challenges add column browser bytea;

-- Names at which a wrong password was tried, by what they have in common: the address, or the
-- password itself as an HMAC that is good for an hour. Losing them in a crash is fine.
create unlogged table stuffing (
    sign bytea not null,
    name bytea not null,
    at timestamptz not null,
    primary key (sign, name)
);
create index stuffing_age on stuffing (at);
