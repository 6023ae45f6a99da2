-- Web Push: where browsers that are closed can be woken. Nothing of a message goes there.

create table push_subscriptions (
  -- SHA-256 of the endpoint: one subscription belongs to whoever subscribed last.
  endpoint_hash bytea primary key,
  endpoint text not null,
  user_id uuid not null references users on delete cascade,
  session_id uuid not null references sessions on delete cascade,
  created_at timestamptz not null default now()
);
create index push_subscriptions_by_user on push_subscriptions (user_id);
create index push_subscriptions_by_session on push_subscriptions (session_id);

-- Keys that the server makes for itself.
create table server_keys (
  name text primary key,
  value bytea not null
);
