//! A profile picture, as the server takes it.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz::run("avatar", bytes));
