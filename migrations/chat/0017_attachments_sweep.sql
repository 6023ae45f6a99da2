-- Uploads that broke off are found without looking at those that did not.
create index attachments_unfinished on attachments (started_at) where stored_at is null;

-- A room that closes takes its files along; until now the sweep looked for them.
delete from attachments a using rooms r where r.room_id = a.room_id and r.closed_at is not null;
