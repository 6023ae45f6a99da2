//! Stored keys of the archive.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz::run("archive_keys", bytes));
