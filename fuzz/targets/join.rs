//! A welcome with its ratchet tree, on a device.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz::run("join", bytes));
