//! The chunks of a file, sealed well.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz::run("file_chunks", bytes));
