-- A bundle of before its person started over opens an account key that stands no more: kept, but no
-- device is told that there is a recovery key.
alter table recovery add column ended boolean not null default false;
