-- Ways out beside mail: Telegram for codes, notifications of applications.

alter table outbox
    add column channel text not null default 'email'
        check (channel in ('email', 'telegram', 'webhook')),
    add column reason text;             -- the class of the fault that ended it as dead
drop index outbox_due;
create index outbox_due on outbox (channel, next_at) where state in ('queued', 'sending');

-- Set when the person blocked the bot, cleared when they write to it again.
alter table factors add column unreachable_at timestamptz;

-- How a Telegram factor gets its chat: by a token that is good for one chat. The chat's id itself
-- is the factor's sealed secret.
create table telegram_links (
    factor_id uuid primary key references factors on delete cascade,
    token_hash bytea not null unique,   -- HMAC under a server key
    chat_hash bytea,                    -- likewise
    code_hash bytea,                    -- the code that the chat got
    code_tries smallint not null default 0,
    code_expires_at timestamptz,
    check ((chat_hash is null) = (code_hash is null) and (chat_hash is null) = (code_expires_at is null))
);
create index telegram_links_chat on telegram_links (chat_hash);

-- By which way the code of a challenge was sent.
alter table challenges add column code_method text not null default 'email';

-- What one node does for all of them.
create table leases (
    name text primary key,
    holder uuid not null,
    held_until timestamptz not null
);
