//! A group info and the ratchet tree of its epoch.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz::run("rejoin", bytes));
