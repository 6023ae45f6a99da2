-- Rooms, who is in them, and the durable log of each.

create type room_kind as enum ('direct', 'group');
create type message_kind as enum ('application', 'commit');

-- Changes with every message: narrow, and with room to update in place.
create table rooms (
  room_id uuid primary key,
  kind room_kind not null,
  epoch bigint not null,
  seq bigint not null,
  creator_device uuid not null,
  -- The two people of a direct room, the smaller id first.
  direct_a uuid,
  direct_b uuid,
  created_at timestamptz not null default now(),
  closed_at timestamptz,
  check ((kind = 'direct') = (direct_a is not null)),
  check ((direct_a is null) = (direct_b is null)),
  check (direct_a < direct_b)
) with (fillfactor = 70);
create unique index one_open_direct_room_a_pair on rooms (direct_a, direct_b)
  where closed_at is null and kind = 'direct';
create index rooms_by_second on rooms (direct_b) where kind = 'direct';

-- The public MLS group of a room: what the server checks commits against.
create table room_groups (
  room_id uuid primary key references rooms on delete cascade,
  state bytea not null
);

-- The public tree and group info of an epoch, for those who join by it.
create table room_epochs (
  room_id uuid not null references rooms on delete cascade,
  epoch bigint not null,
  tree bytea not null,
  group_info bytea not null,
  primary key (room_id, epoch)
);

-- Devices of a room. One is entitled to joined_seq < seq <= left_seq and has everything up to
-- acked_seq.
create table members (
  room_id uuid not null references rooms on delete cascade,
  device_id uuid not null references devices on delete cascade,
  user_id uuid not null references users on delete cascade,
  joined_seq bigint not null,
  left_seq bigint,
  acked_seq bigint not null,
  -- Revoked: refused at once, removed by the next commit.
  removal_due boolean not null default false,
  primary key (room_id, device_id)
) with (fillfactor = 80);
create index members_by_device on members (device_id);
create index members_by_user on members (user_id);
create index members_behind on members (room_id, acked_seq) where left_seq is null;

-- People of a room: how far they have come.
create table room_users (
  room_id uuid not null references rooms on delete cascade,
  user_id uuid not null references users on delete cascade,
  delivered_seq bigint not null default 0,
  read_seq bigint not null default 0,
  primary key (room_id, user_id)
) with (fillfactor = 80);

-- For devices that a commit added, until they say that they have joined.
create table welcomes (
  room_id uuid not null references rooms on delete cascade,
  device_id uuid not null references devices on delete cascade,
  message bytea not null,
  epoch bigint not null,
  seq bigint not null,
  primary key (room_id, device_id)
);
create index welcomes_by_device on welcomes (device_id);

-- The log. The body goes when every entitled device has it; the row stays as long as the
-- retention, so that a repeated client_id still finds its first result.
create table messages (
  room_id uuid not null references rooms on delete cascade,
  seq bigint not null,
  epoch bigint not null,
  kind message_kind not null,
  sender_user uuid not null,
  sender_device uuid not null,
  client_id uuid not null,
  sent_at timestamptz not null default clock_timestamp(),
  body bytea,
  primary key (room_id, seq),
  constraint one_result_a_client_id unique (room_id, sender_device, client_id)
);
create unique index one_commit_an_epoch on messages (room_id, epoch) where kind = 'commit';
create index messages_by_age on messages using brin (sent_at);
