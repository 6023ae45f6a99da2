//! The service through its router, on a real database: each rule of the contract by its number.

#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test ends where something is not as it should be"
)]

mod account_changes;
mod accounts;
mod aliases;
mod audit;
mod authenticator;
mod bad_input;
mod bot_api;
mod budget_model;
mod challenges;
mod documented;
mod email_codes;
mod email_factor;
mod factor_resets;
mod factors;
mod guesses;
mod harness;
mod idempotency;
mod isolation;
mod keys;
mod logins;
mod machinery;
mod mailed_challenges;
mod nodes;
mod notifications;
mod openapi;
mod operators;
mod outage;
mod passkeys;
mod password_resets;
mod policy;
mod remembered_devices;
mod sample;
mod secrets;
mod smtp;
mod strangers;
mod telegram;
mod telegram_faults;
mod tls;
mod tokens;
mod webhooks;
mod words;
