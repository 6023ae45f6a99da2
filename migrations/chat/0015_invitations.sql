-- Who may sign up where SIGNUP=invite: codes that are good so many times until a day.

create table invitations (
  invitation_id uuid primary key,
  -- SHA-256; the code itself is shown once.
  code_hash bytea not null unique,
  note text not null default '' check (char_length(note) <= 80),
  -- No reference, because it outlives accounts; null for an operator.
  created_by uuid,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  uses integer not null check (uses between 1 and 1000),
  used integer not null default 0 check (used between 0 and uses)
);
create index invitations_by_expiry on invitations (expires_at);

-- Sign-ups that are not complete: when nothing comes of them they give their use back.
create table invited (
  user_id uuid primary key,
  invitation_id uuid not null references invitations on delete cascade,
  at timestamptz not null default now()
);
create index invited_by_invitation on invited (invitation_id);
