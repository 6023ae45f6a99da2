//! Stored keys of a device.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz::run("device_keys", bytes));
