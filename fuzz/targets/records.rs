//! A record that a device stored and that was changed since.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz::run("records", bytes));
