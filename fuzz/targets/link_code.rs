//! The scanned code of a new device.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz::run("link_code", bytes));
