-- A key package is for rooms of one ciphersuite (RFC 9420, section 17.1); all so far are of suite 3.

alter table key_packages add column suite integer not null default 3;
alter table key_packages alter column suite drop default;

drop index key_packages_by_device;
create index key_packages_by_device on key_packages (device_id, suite, last_resort, key_package_id);
drop index one_last_resort_a_device;
create unique index one_last_resort_a_device on key_packages (device_id, suite) where last_resort;
