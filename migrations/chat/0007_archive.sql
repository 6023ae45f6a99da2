-- What people keep for themselves, sealed on their devices.

-- The history by room and place. A room that is gone does not take its history along.
create table archive (
  user_id uuid not null references users on delete cascade,
  room_id uuid not null,
  seq bigint not null check (seq > 0),
  blob bytea not null,
  stored_at timestamptz not null default now(),
  primary key (user_id, room_id, seq)
);

-- Account key, archive keys and pins under the recovery key.
create table recovery (
  user_id uuid primary key references users on delete cascade,
  version bigint not null check (version > 0),
  bundle bytea not null,
  stored_at timestamptz not null default now()
);
