-- People, their sessions and their contacts. Credentials live in the MFA service; a person gets a
-- row here once the account is complete.

create table users (
  user_id uuid primary key,
  username text not null unique check (username ~ '^[a-z0-9._-]{3,32}$'),
  -- The username with look-alike letters folded: another name with the same look is refused.
  look text not null,
  name text check (char_length(name) between 1 and 80),
  email text not null,
  created_at timestamptz not null default now(),
  deactivated_at timestamptz,
  last_seen timestamptz,
  searchable boolean not null default true,
  shows_last_seen boolean not null default true,
  shows_read boolean not null default true,
  account_key bytea check (octet_length(account_key) = 32),
  device_list bytea,
  device_list_version bigint
);
create index users_by_look on users (look);
create index users_by_username_prefix on users (username text_pattern_ops);
create index users_by_name_prefix on users (lower(name) text_pattern_ops);

-- Stands for an account that is not complete yet. Only the token's SHA-256 is stored.
create table enrolments (
  token_hash bytea primary key,
  user_id uuid not null,
  expires_at timestamptz not null
);
create index enrolments_by_expiry on enrolments (expires_at);

create table sessions (
  session_id uuid primary key,
  user_id uuid not null references users on delete cascade,
  token_hash bytea not null unique,
  created_at timestamptz not null default now(),
  last_used_at timestamptz not null default now(),
  -- At the latest; not used for idle_seconds ends it before.
  expires_at timestamptz not null,
  idle_seconds integer not null,
  -- Ended by hand. The row stays a week longer, so that its token is told apart from an unknown
  -- one.
  ended_at timestamptz,
  -- When the person last gave a second factor.
  factor_at timestamptz,
  -- The device that was proved or registered in this session.
  device_id uuid,
  user_agent text,
  address text
);
create index sessions_by_user on sessions (user_id);
create index sessions_by_expiry on sessions (expires_at);

create table friend_requests (
  request_id uuid primary key,
  from_user uuid not null references users on delete cascade,
  to_user uuid not null references users on delete cascade,
  sent_at timestamptz not null default now(),
  unique (from_user, to_user),
  check (from_user <> to_user)
);
create index friend_requests_by_recipient on friend_requests (to_user);

-- One row a pair, the smaller id first.
create table contacts (
  user_a uuid not null references users on delete cascade,
  user_b uuid not null references users on delete cascade,
  added_at timestamptz not null default now(),
  primary key (user_a, user_b),
  check (user_a < user_b)
);
create index contacts_by_second on contacts (user_b);
