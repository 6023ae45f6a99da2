//! What the archive holds of an entry.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz::run("archive_line", bytes));
