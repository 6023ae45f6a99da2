-- Several nodes on one database: who is alive, who is online where, and what they tell each other.

-- A node renews its lease; one that does not is gone, and its people with it. Worth nothing after
-- a crash of the database, hence unlogged.
create unlogged table nodes (
  node_id uuid primary key,
  lease_until timestamptz not null,
  connections bigint not null default 0
);

create unlogged table presence (
  user_id uuid not null,
  node_id uuid not null,
  -- The first of two nodes that come upon somebody at once tells it.
  since timestamptz not null default clock_timestamp(),
  primary key (user_id, node_id)
);
create index presence_by_node on presence (node_id);

-- Which node asks the devices of a room for a removal at the moment.
create unlogged table removal_turns (
  room_id uuid primary key,
  until timestamptz not null
);

-- The newest socket of a device, whatever node it is at: older ones are displaced.
create sequence socket_claims;
alter table devices add column socket bigint not null default 0;

-- When a mark moved last: nodes that missed the telling look for what is young.
alter table room_users add column moved_at timestamptz;

-- However a session is ended, every node hears of it and closes its sockets.
create function session_ended() returns trigger language plpgsql as $$
begin
  perform pg_notify('snug', json_build_object(
    'session_ended', json_build_object('user', new.user_id, 'session', new.session_id))::text);
  return null;
end
$$;
create trigger session_ended after update of ended_at on sessions
  for each row when (old.ended_at is null and new.ended_at is not null)
  execute function session_ended();
