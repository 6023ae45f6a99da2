//! Passwords that are forgotten or changed, and addresses that change.

use serde::{Deserialize, Serialize};

use super::account::Method;
use crate::{ChallengeId, PasswordResetId, Secret, Timestamp, mfa::Credential};

/// `POST /api/password/forgot`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct ForgotPassword {
    /// Username or address.
    pub identifier: String,
}

/// 202 of `POST /api/password/forgot`, always.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct ForgotReply {
    /// What the next step belongs to.
    pub reset_id: PasswordResetId,
    /// What to do next, in words.
    pub message: String,
    /// Until when the code is good, if one was sent.
    pub expires_at: Timestamp,
}

/// `POST /api/password/reset`: with `code` first; after `mfa-required` with `challenge_id`,
/// `method` and `factor_code` or `credential` instead.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct PasswordReset {
    /// From `POST /api/password/forgot`.
    pub reset_id: PasswordResetId,
    /// The new password, 8 to 128 characters.
    #[cfg_attr(feature = "openapi", schema(min_length = 8, max_length = 128))]
    pub password: Secret,
    /// The six digits of the mail.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub code: Option<Secret>,
    /// From `mfa-required`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub challenge_id: Option<ChallengeId>,
    /// The way the second factor was got.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub method: Option<Method>,
    /// The second factor's code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub factor_code: Option<Secret>,
    /// What the browser returned, in place of `factor_code`; passkeys only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub credential: Option<Credential>,
}

/// `POST /api/password/change`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct PasswordChange {
    /// The one that counts until now.
    pub current: Secret,
    /// The new one, 8 to 128 characters.
    #[cfg_attr(feature = "openapi", schema(min_length = 8, max_length = 128))]
    pub password: Secret,
}

/// `POST /api/email/change`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct EmailChange {
    /// The new address.
    pub email: String,
}

/// 202 of `POST /api/email/change`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct EmailChangeReply {
    /// The new address, mostly hidden.
    pub email_hint: String,
    /// Until when the code is good.
    pub expires_at: Timestamp,
}

/// `POST /api/email/verify`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct EmailConfirm {
    /// The six digits of the mail to the new address.
    pub code: Secret,
}
