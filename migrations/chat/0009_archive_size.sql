-- How much each person's archive holds: a sum that would have to be read anew for every upload.
alter table users add column archive_bytes bigint not null default 0;
