//! Bodies of the MFA service as JSON.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz::run("mfa_bodies", bytes));
