//! REST bodies of the MFA service (`/v1/…`), as its client applications send and receive them.
//!
//! Refusals are [`Problem`](crate::Problem)s; two of them carry members with a type of their own:
//! [`MfaRequired`] and [`Unfinished`].

mod accounts;
mod audit;
mod factor_resets;
mod factors;
mod logins;
mod notifications;
mod passkeys;
mod passwords;
mod remembered;

pub use accounts::*;
pub use audit::*;
pub use factor_resets::*;
pub use factors::*;
pub use logins::*;
pub use notifications::*;
pub use passkeys::*;
pub use passwords::*;
pub use remembered::*;

use serde::{Deserialize, Serialize};

/// What a second factor is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub enum FactorKind {
    /// A code that changes every 30 seconds, from an authenticator app (RFC 6238).
    Totp,
    /// A code sent to the account's e-mail address.
    Email,
    /// A code sent by Telegram.
    Telegram,
    /// A WebAuthn credential.
    Passkey,
}

/// How a challenge can be answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub enum Method {
    /// With a code from an authenticator app.
    Totp,
    /// With a code sent by e-mail (`POST …/send` first).
    Email,
    /// With a code sent by Telegram (`POST …/send` first).
    Telegram,
    /// With a WebAuthn credential.
    Passkey,
    /// With one of the recovery codes.
    Recovery,
}

/// The language of mails to a person.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub enum Language {
    /// English.
    #[default]
    En,
    /// French.
    Fr,
}
