//! A recovery key as it is typed.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz::run("recovery_text", bytes));
