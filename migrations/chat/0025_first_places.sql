-- Where a person's history of a room begins. Devices come and go, and one that joins anew starts anew
-- as a member; what its person read before may still be kept in their archive.
alter table room_users add column first_seq bigint not null default 0;
update room_users x set first_seq = coalesce(
  (select min(m.joined_seq) from members m
   where m.room_id = x.room_id and m.user_id = x.user_id), 0);
