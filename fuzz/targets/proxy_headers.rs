//! Headers at the gateway.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz::run("proxy_headers", bytes));
