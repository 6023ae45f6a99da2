//! What an old device hands to a new one.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz::run("handover", bytes));
