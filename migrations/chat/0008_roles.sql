-- Who are the admins of a room, as its group context says: derived from accepted commits.
alter table room_users add column admin boolean not null default false;
update room_users x set admin = true
from rooms r join devices d on d.device_id = r.creator_device
where r.room_id = x.room_id and d.user_id = x.user_id and r.kind = 'group';
