//! Second factors, backup codes, passkeys and remembered browsers of one's own.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::account::Transport;
use crate::{
    ChallengeId, FactorId, RememberedDeviceId, Secret, Timestamp,
    mfa::{Credential, FactorKind},
};

/// One of my second factors.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Factor {
    /// The factor.
    pub factor_id: FactorId,
    /// What it is.
    pub kind: FactorKind,
    /// What I call it.
    pub label: String,
    /// Whether its first code was given.
    pub active: bool,
    /// When it was added.
    pub created_at: Timestamp,
    /// When it was last used.
    pub last_used_at: Option<Timestamp>,
    /// Its messages do not arrive: the bot is blocked in Telegram.
    pub unreachable: bool,
}

/// `GET /api/mfa/factors`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Factors {
    /// All of mine, the oldest first.
    pub factors: Vec<Factor>,
    /// Backup codes not used yet.
    pub recovery_codes_left: u32,
    /// What can be added on this server.
    pub kinds: Vec<FactorKind>,
}

/// `POST /api/mfa/factors`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct FactorAdd {
    /// What to add.
    pub kind: FactorKind,
    /// What to call it, 1 to 64 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 64))]
    pub label: Option<String>,
}

/// 201 of [`FactorAdd`] and 200 of [`PasskeyStart`]: waits for its first code at
/// `POST /api/mfa/activate`, a passkey for the browser at `POST /api/passkeys/register/finish`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct AddedFactor {
    /// The factor.
    pub factor_id: FactorId,
    /// What it is.
    pub kind: FactorKind,
    /// What I call it.
    pub label: String,
    /// When it vanishes unless it is activated.
    pub expires_at: Timestamp,
    /// The content of the QR code: `otpauth://…`, or the link that opens the Telegram bot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub uri: Option<Secret>,
    /// The shared secret in base32; for Telegram, what to send to the bot after `/start`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub secret: Option<Secret>,
    /// The QR code as an SVG document.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub qr_svg: Option<Secret>,
    /// Where the code was mailed to, mostly hidden.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub recipient_hint: Option<String>,
    /// For `navigator.credentials.create()`, in JSON: below `publicKey`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional, type = "unknown"))]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Object>))]
    pub creation_options: Option<Value>,
}

/// `PATCH /api/mfa/factors/{id}`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct FactorRename {
    /// What to call it, 1 to 64 characters.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 64))]
    pub label: String,
}

/// 201 of `POST /api/mfa/recovery-codes`: the older ones are void.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct RecoveryCodes {
    /// Ten codes, shown once.
    pub recovery_codes: Vec<Secret>,
}

/// `POST /api/passkeys/register/start`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct PasskeyStart {
    /// What to call it, 1 to 64 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 64))]
    pub label: Option<String>,
}

/// `POST /api/passkeys/register/finish`. 200 [`RecoveryCodes`], empty unless it is the first factor.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct PasskeyFinish {
    /// From the start.
    pub factor_id: FactorId,
    /// What the browser created, as `PublicKeyCredential.toJSON()` writes it.
    pub credential: Credential,
}

/// 200 of `POST /api/login/challenge` with the method `passkey`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct PasskeyQuestion {
    /// For `navigator.credentials.get()`, in JSON: below `publicKey`.
    #[cfg_attr(feature = "typescript", ts(type = "unknown"))]
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub request_options: Value,
}

/// 200 of `POST /api/passkeys/login/start`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct PasskeyLogin {
    /// What to finish.
    pub login_id: ChallengeId,
    /// As in [`PasskeyQuestion`]: any passkey of this server will do.
    #[cfg_attr(feature = "typescript", ts(type = "unknown"))]
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub request_options: Value,
    /// Until when.
    pub expires_at: Timestamp,
}

/// `POST /api/passkeys/login/finish`. Replies as a login.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct PasskeyLoginFinish {
    /// From the start.
    pub login_id: ChallengeId,
    /// What the browser returned, as `PublicKeyCredential.toJSON()` writes it.
    pub credential: Credential,
    /// 30 days instead of 12 hours.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(optional, as = "Option<bool>"))]
    pub remember: bool,
    /// How the session is kept.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(optional, as = "Option<Transport>"))]
    pub transport: Transport,
}

/// One browser of `GET /api/remembered-browsers`: no code is asked for there.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct RememberedBrowser {
    /// Forgets it with `DELETE /api/remembered-browsers/{browser_id}`.
    pub browser_id: RememberedDeviceId,
    /// The browser and its system.
    pub label: String,
    /// When it was remembered.
    pub created_at: Timestamp,
    /// When it last spared a code.
    pub last_used_at: Timestamp,
    /// Until when it is remembered.
    pub expires_at: Timestamp,
    /// This very one.
    pub current: bool,
}

/// `POST /api/factor-resets/cancel`. 204.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct FactorResetCancel {
    /// What follows the `#` in the link of the mail.
    pub token: Secret,
}
