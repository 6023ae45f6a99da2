//! The audit trail of an application.

use serde::{Deserialize, Serialize};

use crate::{Timestamp, UserId};

/// `GET /v1/audit`: newest first.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuditPage {
    /// The entries that fit.
    pub entries: Vec<AuditEntry>,
    /// `before` of the next page; absent on the last one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<i64>,
}

/// One thing that happened. Never a secret, a code or an address of mail.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuditEntry {
    /// Its number in the application's chain, from 1, without gaps.
    pub seq: i64,
    /// When.
    pub at: Timestamp,
    /// Whose account, when there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_id: Option<UserId>,
    /// What was tried: `login`, `verify`, `sign_up`, …
    pub action: String,
    /// With which factor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub factor: Option<String>,
    /// `ok` or the code of the refusal.
    pub result: String,
    /// The client's address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// The request's id, to find it in the logs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// SHA-256 over this entry and the hash of the one before, in hex.
    pub hash: String,
}
