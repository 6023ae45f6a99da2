//! Bodies and queries that the servers declare themselves, hints, and the Bot API of Telegram.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz::run("own_bodies", bytes));
