//! `GET /api/health` and `GET /api/config`.

use serde::{Deserialize, Serialize};

/// How a part of the server is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub enum Status {
    /// Answers.
    Ok,
    /// Does not answer.
    Down,
}

/// `GET /api/health`: 200, or 503 when a part is down.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Health {
    /// `ok` when every part is.
    pub status: Status,
    /// The chat server's version.
    pub version: String,
    /// The chat database.
    pub database: Status,
    /// The MFA service.
    pub mfa: Status,
}

/// Who may sign up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub enum Signup {
    /// Anybody.
    Open,
    /// Who has an invitation.
    Invite,
    /// Nobody.
    Closed,
}

/// Whether a second factor is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub enum MfaPolicy {
    /// For everybody.
    Required,
    /// For those who want it.
    Optional,
}

/// Where mails go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub enum Mail {
    /// Through an SMTP server.
    Smtp,
    /// To the console where the server was started.
    Console,
}

/// The limits that a client shows and keeps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Limits {
    /// Shortest username, in characters.
    pub username_min: u32,
    /// Longest username, in characters.
    pub username_max: u32,
    /// Longest display name, in characters.
    pub name_max: u32,
    /// Shortest password, in characters.
    pub password_min: u32,
    /// Longest password, in characters.
    pub password_max: u32,
    /// Largest application message on the wire, in bytes.
    pub message: u32,
    /// Most devices in a room.
    pub room_devices: u32,
    /// Most devices of a person.
    pub user_devices: u32,
}

/// `GET /api/config`: what a client must know before anybody signs in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Config {
    /// Who may sign up.
    pub signup: Signup,
    /// Whether a second factor is needed.
    pub mfa_policy: MfaPolicy,
    /// Where mails go.
    pub mail: Mail,
    /// The limits.
    pub limits: Limits,
    /// Languages of the server's mails (BCP 47).
    pub languages: Vec<String>,
    /// The chat server's version.
    pub version: String,
}
