-- Devices and the key packages that they leave here for others.

create table devices (
  device_id uuid primary key,
  user_id uuid not null references users on delete cascade,
  name text not null,
  credential bytea not null,
  created_at timestamptz not null default now(),
  last_seen timestamptz,
  revoked_at timestamptz
);
create index devices_by_user on devices (user_id);

create table key_packages (
  key_package_id bigint generated always as identity primary key,
  device_id uuid not null references devices on delete cascade,
  message bytea not null,
  last_resort boolean not null,
  not_after timestamptz not null
);
create index key_packages_by_device on key_packages (device_id, last_resort, key_package_id);
create unique index one_last_resort_a_device on key_packages (device_id) where last_resort;

-- Every init key ever seen: none is accepted twice, even after its package was used.
create table init_keys (
  hash bytea primary key
);
