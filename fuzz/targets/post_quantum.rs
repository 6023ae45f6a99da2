//! Rooms that withstand a quantum computer.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz::run("post_quantum", bytes));
