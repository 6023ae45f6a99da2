//! SQL and nothing else: one file a table. Times are passed in, no statement asks for its own.

pub mod accounts;
pub mod apps;
pub mod audit;
pub mod challenges;
pub mod email_changes;
pub mod email_codes;
pub mod factor_codes;
pub mod factors;
pub mod failures;
pub mod idempotency;
pub mod known_browsers;
pub mod leases;
pub mod limits;
pub mod outbox;
pub mod passkeys;
pub mod password_resets;
pub mod recovery_codes;
pub mod remembered_devices;
pub mod sealed;
pub mod settings;
pub mod settlements;
pub mod signing_keys;
pub mod stuffing;
pub mod sweep;
pub mod telegram_links;
pub mod webhooks;
