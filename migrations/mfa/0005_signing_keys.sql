-- A signing key is published a while before it signs, so that every node and application knows it.
alter table signing_keys add column signs_at timestamptz;
update signing_keys set signs_at = created_at;
alter table signing_keys alter column signs_at set not null;
