//! Bodies of requests and replies as JSON.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz::run("bodies", bytes));
