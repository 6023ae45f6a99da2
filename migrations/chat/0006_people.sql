-- Blocks, and a search that stays fast with a million people.

create extension if not exists pg_trgm;

-- Who does not want to be found, asked or written to by whom.
create table blocks (
  blocker uuid not null references users on delete cascade,
  blocked uuid not null references users on delete cascade,
  blocked_at timestamptz not null default now(),
  primary key (blocker, blocked),
  check (blocker <> blocked)
);
create index blocks_by_blocked on blocks (blocked);

-- Beginnings are read from these indexes in their order, twenty rows whatever the number of
-- people: bytewise, so that a beginning is a range.
drop index users_by_username_prefix;
drop index users_by_name_prefix;
create index users_found_by_username on users ((username collate "C"))
  where searchable and deactivated_at is null;
create index users_found_by_name on users ((lower(name) collate "C"))
  where searchable and deactivated_at is null;

-- What is inside a name, and what is almost it.
alter table users add column haystack text not null
  generated always as (username || ' ' || lower(coalesce(name, ''))) stored;
create index users_found_by_trigram on users using gin (haystack gin_trgm_ops)
  where searchable and deactivated_at is null;

-- What somebody may do on this server.
create type role as enum ('member', 'moderator', 'admin');
alter table users add column role role not null default 'member';
