//! The endpoints, one file each.

pub mod accounts;
pub mod activate;
pub mod aliases;
pub mod challenges;
pub mod email_verifications;
pub mod factors;
pub mod health;
pub mod jwks;
pub mod logins;
pub mod recovery_codes;
pub mod send;
pub mod token;
pub mod verify;
