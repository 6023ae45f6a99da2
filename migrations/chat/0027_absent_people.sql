-- A person of a group whose last device was shut out: they belong to it until they come back, leave
-- or are removed.
alter table room_users add column away boolean not null default false;
create index room_users_away on room_users (user_id, room_id) where away;

-- Who belongs to a room: by a device that is not about to be removed, or while away.
create view room_people as
  select room_id, user_id from members where left_seq is null and not removal_due
  union all
  select room_id, user_id from room_users where away;
