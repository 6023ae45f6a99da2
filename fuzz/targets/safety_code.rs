//! The scanned safety code of a contact.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz::run("safety_code", bytes));
