-- Whether somebody has to be removed from a room is asked by each of its devices when it comes back,
-- and the answer is nearly always no: it is found without reading the room's members.
create index members_to_remove on members (room_id) where removal_due and left_seq is null;
