//! The MFA service: hashes, codes, and codes while passwords are hashed.

pub mod codes;
pub mod flood;
pub mod hashes;
pub mod service;
