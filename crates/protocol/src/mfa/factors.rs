//! Second factors and recovery codes.

use serde::{Deserialize, Serialize};

use super::{Credential, FactorKind, PendingPasskey, Progress};
use crate::{FactorId, Secret, Timestamp};

/// A factor that waits for its first code (201 of [`AddFactor`]).
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PendingFactor {
    /// The factor.
    pub factor_id: FactorId,
    /// What it is.
    pub kind: FactorKind,
    /// What its owner calls it.
    pub label: String,
    /// The content of the QR code: `otpauth://totp/…`, or `https://t.me/<bot>?start=<token>`.
    pub uri: Secret,
    /// The shared secret in base32 without padding, to type it by hand; the token of a Telegram
    /// factor.
    pub secret: Secret,
    /// The QR code as an SVG document.
    pub qr_svg: Secret,
    /// When the pending factor vanishes.
    pub expires_at: Timestamp,
}

/// An e-mail factor that waits for the code that was mailed.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PendingEmail {
    /// The factor.
    pub factor_id: FactorId,
    /// `email`.
    pub kind: FactorKind,
    /// What its owner calls it.
    pub label: String,
    /// Where the code went, mostly hidden.
    pub recipient_hint: String,
    /// When the pending factor vanishes.
    pub expires_at: Timestamp,
}

/// 201 of [`AddFactor`], by kind.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(untagged)]
pub enum AddedFactor {
    /// With a secret or link to scan.
    Shown(PendingFactor),
    /// With a code on its way to the account's address.
    Mailed(PendingEmail),
    /// With options for the browser.
    Passkey(PendingPasskey),
}

/// `POST /v1/accounts/{id}/factors`. Replies 201 [`AddedFactor`].
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(
    feature = "openapi",
    derive(utoipa::ToSchema),
    schema(example = json!({"kind": "totp", "label": "Phone"}))
)]
#[serde(deny_unknown_fields)]
pub struct AddFactor {
    /// What to add.
    pub kind: FactorKind,
    /// What its owner calls it, up to 64 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 64))]
    pub label: Option<String>,
}

/// `POST /v1/accounts/{id}/factors/{factor_id}/activate`. Replies 200 [`ActivatedFactor`]; 422
/// `invalid-code`, with `reason: "clock-drift", seconds` or `reason: "wrong-algorithm"` when the
/// code would have been right otherwise.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(
    feature = "openapi",
    derive(utoipa::ToSchema),
    schema(example = json!({"code": "123456"}))
)]
#[serde(deny_unknown_fields)]
pub struct ActivateFactor {
    /// The first code; for a passkey, `credential` stands instead.
    #[serde(default)]
    pub code: Secret,
    /// What the browser created; passkeys only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credential: Option<Credential>,
}

/// 200 of [`ActivateFactor`].
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ActivatedFactor {
    /// The factor.
    pub factor_id: FactorId,
    /// Shown once, with the account's first factor; else empty.
    pub recovery_codes: Vec<Secret>,
    /// How far the account is.
    #[serde(flatten)]
    pub progress: Progress,
}

/// One factor of `GET /v1/accounts/{id}/factors`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Factor {
    /// The factor.
    pub factor_id: FactorId,
    /// What it is.
    pub kind: FactorKind,
    /// What its owner calls it.
    pub label: String,
    /// Whether its first code was given.
    pub active: bool,
    /// When it was added.
    pub created_at: Timestamp,
    /// When it last opened something.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_used_at: Option<Timestamp>,
    /// Whether its messages are not taken: the person blocked the bot.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unreachable: bool,
}

/// `GET /v1/accounts/{id}/factors`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Factors {
    /// All of them, oldest first.
    pub factors: Vec<Factor>,
    /// Recovery codes not used yet.
    pub recovery_codes_left: u32,
    /// What can be added: taken by the application's rules and set up in the service.
    #[serde(default)]
    pub kinds: Vec<FactorKind>,
}

/// `PATCH /v1/accounts/{id}/factors/{factor_id}`. Replies 200 [`Factor`].
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(
    feature = "openapi",
    derive(utoipa::ToSchema),
    schema(example = json!({"label": "Phone"}))
)]
#[serde(deny_unknown_fields)]
pub struct RenameFactor {
    /// The new label, 1 to 64 characters.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 64))]
    pub label: String,
}

/// 201 of `POST /v1/accounts/{id}/recovery-codes` (needs a fresh assertion in `X-Assertion`, as
/// removing a factor does): the older codes are void.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RecoveryCodes {
    /// Ten codes, shown once.
    pub recovery_codes: Vec<Secret>,
}
