-- What the devices of one person have here in common: linking a new one, the vault, the archive's
-- switch. And devices that were reported.

-- A device that is being linked with one in use. Unlogged: worth nothing after two minutes, and a
-- sealed account key is to lie in no write-ahead log and, by pg_dump --no-unlogged-table-data, in no
-- backup.
create unlogged table links (
  link_id uuid primary key,
  user_id uuid not null references users on delete cascade,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  -- The highest step so far: steps rise, so that each is written once.
  written smallint not null default 0,
  -- By hand or by a failure; the steps are gone.
  ended_at timestamptz
);
create index links_by_user on links (user_id);
create index links_by_expiry on links (expires_at);

create unlogged table link_steps (
  link_id uuid not null references links on delete cascade,
  step smallint not null check (step between 1 and 4),
  blob bytea not null,
  primary key (link_id, step)
);

-- Pins with their verified state and archive keys, under a key that a person's devices share.
create table vaults (
  user_id uuid primary key references users on delete cascade,
  version bigint not null check (version > 0),
  blob bytea not null,
  stored_at timestamptz not null default now()
);

-- Off: no device of the person may upload.
alter table users add column archives boolean not null default true;

-- Revoked by an operator, whatever the person's signed list says.
alter table devices add column reported_at timestamptz;
