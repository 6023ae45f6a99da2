//! A welcome, at the server.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz::run("welcome", bytes));
