-- A block range index remembers the oldest row that a block ever held: once the space of old rows is
-- used again, every block may hold something old, and each sweep reads the whole log.
drop index messages_by_age;
create index messages_by_age on messages (sent_at);
