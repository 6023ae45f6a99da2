//! A file, as a message tells of it.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz::run("document", bytes));
