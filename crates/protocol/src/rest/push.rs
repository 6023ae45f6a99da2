//! Web Push.

use serde::{Deserialize, Serialize};

/// `GET /api/push`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct PushKey {
    /// The `applicationServerKey`: an uncompressed P-256 point in base64url.
    pub public_key: String,
}

/// `POST` and `DELETE /api/push`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct PushSubscription {
    /// The subscription's `endpoint`. Its keys are not needed: pushes carry no content.
    pub endpoint: String,
}
