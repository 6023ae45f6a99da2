//! A commit with its group info, at the server.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz::run("commit", bytes));
