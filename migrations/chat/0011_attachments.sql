-- Encrypted files. The bytes lie in the object store under the attachment's id.
create table attachments (
  attachment_id uuid primary key,
  owner uuid not null references users on delete cascade,
  -- Unknown while the upload runs.
  room_id uuid references rooms on delete cascade,
  size bigint not null default 0,
  sha256 bytea,
  started_at timestamptz not null default now(),
  stored_at timestamptz
);
create index attachments_by_room on attachments (room_id);
create index attachments_by_owner on attachments (owner);
create index attachments_by_age on attachments (started_at);

alter table users add column attachment_bytes bigint not null default 0;

-- Files whose row is gone, whatever took it along: the sweep removes them from the store.
create table attachments_gone (
  attachment_id uuid primary key
);

create function attachment_gone() returns trigger language plpgsql as $$
begin
  insert into attachments_gone (attachment_id) values (old.attachment_id) on conflict do nothing;
  update users set attachment_bytes = attachment_bytes - old.size where user_id = old.owner;
  return null;
end
$$;
create trigger attachment_gone after delete on attachments
  for each row execute function attachment_gone();
