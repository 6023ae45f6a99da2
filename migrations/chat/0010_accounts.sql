-- Pictures, accounts that go, and the trail of what matters for security.

-- The picture's hash: the path to it changes with the picture.
alter table users add column avatar text;
create table avatars (
  user_id uuid primary key references users on delete cascade,
  hash text not null,
  media_type text not null,
  bytes bytea not null
);

-- A deleted person's row stays, empty, until no group holds a leaf of theirs any more.
alter table users add column deleted_at timestamptz;
-- The MFA service has not been told yet.
alter table users add column erase_due boolean not null default false;
create index users_to_erase on users (user_id) where erase_due;
create index users_deleted on users (deleted_at) where deleted_at is not null;

-- Looks of usernames that are gone: nobody gets one again.
create table reserved_names (
  look text primary key
);

-- The newest assertion of a second factor, for changes at the MFA service; good for minutes.
alter table sessions add column assertion text;

create table audit (
  audit_id bigint generated always as identity primary key,
  at timestamptz not null default clock_timestamp(),
  action text not null,
  -- Who did it and to whom; no reference, because the trail outlives accounts.
  actor uuid,
  subject uuid,
  outcome text not null,
  request_id text,
  address text
);
create index audit_by_subject on audit (subject, audit_id);
create index audit_by_time on audit using brin (at);
