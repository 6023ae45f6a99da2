//! The endpoints, one file each.

pub mod accounts;
pub mod activate;
pub mod aliases;
pub mod audit;
pub mod bodies;
pub mod challenges;
pub mod delete_account;
pub mod email_change;
pub mod email_verifications;
pub mod factor_resets;
pub mod factors;
pub mod health;
pub mod jwks;
pub mod logins;
pub mod notifications;
pub mod passkey_logins;
pub mod password;
pub mod password_resets;
pub mod proof;
pub mod queries;
pub mod recovery_codes;
pub mod remembered_devices;
pub mod send;
pub mod telegram_webhook;
pub mod token;
pub mod verify;
