//! Sign-up, verification, login, sessions and one's own profile.

use serde::{Deserialize, Serialize};

use crate::{
    ChallengeId, DeviceId, FactorId, Secret, Timestamp, UserId,
    mfa::{Credential, Work},
};

/// How a client keeps its session.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub enum Transport {
    /// In the cookie `__Host-session`.
    #[default]
    Cookie,
    /// As a token in the reply, sent back as `Authorization: Bearer`.
    Bearer,
}

/// Oneself, as the server sees one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct User {
    /// The account.
    pub user_id: UserId,
    /// The unique name.
    pub username: String,
    /// The display name.
    pub name: Option<String>,
    /// The confirmed address.
    pub email: String,
    /// When the account was made.
    pub created_at: Timestamp,
}

/// `POST /api/signup` (alias `/register`).
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct SignupRequest {
    /// The address that the code goes to.
    pub email: String,
    /// 3 to 32 of `a-z 0-9 . _ -`; upper case is lowered.
    pub username: String,
    /// 8 to 128 characters.
    pub password: Secret,
    /// Up to 80 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub name: Option<String>,
    /// An invitation, where the server asks for one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub invite: Option<Secret>,
    /// The language of mails (BCP 47), `en` by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub language: Option<String>,
}

/// A TOTP factor that waits for its first code. Shown once, or again while it waits.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct PendingFactor {
    /// The factor.
    pub factor_id: FactorId,
    /// The `otpauth://` URI that the QR code holds.
    pub otpauth_uri: Secret,
    /// The shared secret in base32.
    pub secret: Secret,
    /// The QR code as an SVG document.
    pub qr_svg: Secret,
}

/// 201 of `POST /api/signup`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct SignupReply {
    /// The new account.
    pub user_id: UserId,
    /// What to do next, in words.
    pub message: String,
    /// Stands for the unfinished account for one hour; every step renews it.
    pub enrolment_token: Secret,
    /// The factor to set up.
    pub mfa: PendingFactor,
}

/// `POST /api/signup/email`: corrects a mistyped address.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct SignupEmailRequest {
    /// From the sign-up or the login.
    pub enrolment_token: Secret,
    /// The right address.
    pub email: String,
}

/// `POST /api/verify-email`. One of `email` and `enrolment_token` is needed.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct VerifyEmailRequest {
    /// The address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub email: Option<String>,
    /// From the sign-up or the login.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub enrolment_token: Option<Secret>,
    /// Six digits.
    pub code: Secret,
    /// How the session is kept if this completes the account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub transport: Option<Transport>,
}

/// `POST /api/resend-verification`. One of `email` and `enrolment_token` is needed.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct ResendRequest {
    /// The address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub email: Option<String>,
    /// From the sign-up or the login.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub enrolment_token: Option<Secret>,
}

/// `POST /api/mfa/activate`: the first code of an authenticator app.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct ActivateRequest {
    /// From the sign-up or the login; without it a session is needed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub enrolment_token: Option<Secret>,
    /// The factor.
    pub factor_id: FactorId,
    /// Six digits.
    pub code: Secret,
    /// How the session is kept if this completes the account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub transport: Option<Transport>,
}

/// 200 of a step of sign-up and of a login. `user` and `expires_at` are there when it opened a
/// session, `token` when `bearer` was asked.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct SessionReply {
    /// What happened, in words.
    pub message: String,
    /// Oneself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub user: Option<User>,
    /// When the session ends if it is not used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub expires_at: Option<Timestamp>,
    /// The session's token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub token: Option<Secret>,
    /// Renewed while the account is unfinished.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub enrolment_token: Option<Secret>,
    /// With the first factor: ten backup codes, shown once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub recovery_codes: Option<Vec<Secret>>,
}

/// `POST /api/login` (alias `/login`). One of `username` and `email` is needed.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct LoginRequest {
    /// The unique name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub username: Option<String>,
    /// The confirmed address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub email: Option<String>,
    /// The password.
    pub password: Secret,
    /// With `code`: the second factor in the same call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub method: Option<Method>,
    /// The second factor's code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub code: Option<Secret>,
    /// 30 days instead of 12 hours.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(optional, as = "Option<bool>"))]
    pub remember: bool,
    /// No code asked on this browser for 30 days.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(optional, as = "Option<bool>"))]
    pub remember_browser: bool,
    /// How the session is kept.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(optional, as = "Option<Transport>"))]
    pub transport: Transport,
    /// The solved `puzzle` of a 403 `proof-required`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub work: Option<Work>,
}

/// A way to give a second factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub enum Method {
    /// An authenticator app.
    Totp,
    /// A code by e-mail.
    Email,
    /// A code by Telegram.
    Telegram,
    /// A backup code.
    Recovery,
    /// A passkey.
    Passkey,
}

/// `POST /api/login/challenge`: sends a code. 202.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct ChallengeRequest {
    /// From `mfa-required` or `step-up-required`.
    pub challenge_id: ChallengeId,
    /// The way to send by.
    pub method: Method,
}

/// `POST /api/login/verify`: the second factor of a login.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct LoginVerifyRequest {
    /// From `mfa-required`.
    pub challenge_id: ChallengeId,
    /// The way it was got.
    pub method: Method,
    /// The code; for a passkey, `credential` stands instead.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(optional, as = "Option<Secret>"))]
    pub code: Secret,
    /// What the browser returned; passkeys only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub credential: Option<Credential>,
    /// 30 days instead of 12 hours.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(optional, as = "Option<bool>"))]
    pub remember: bool,
    /// No code asked on this browser for 30 days.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(optional, as = "Option<bool>"))]
    pub remember_browser: bool,
    /// How the session is kept.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(optional, as = "Option<Transport>"))]
    pub transport: Transport,
}

/// `POST /api/step-up`: a fresh second factor for what is marked. 204.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct StepUpRequest {
    /// From `step-up-required`.
    pub challenge_id: ChallengeId,
    /// The way it was got.
    pub method: Method,
    /// The code; for a passkey, `credential` stands instead.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(optional, as = "Option<Secret>"))]
    pub code: Secret,
    /// What the browser returned; passkeys only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub credential: Option<Credential>,
}

/// A body that only says that something was done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct MessageReply {
    /// What happened, in words.
    pub message: String,
}

/// One session in `GET /api/sessions`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Session {
    /// Ends it with `DELETE /api/sessions/{session_id}`.
    pub session_id: uuid::Uuid,
    /// When it was opened.
    pub created_at: Timestamp,
    /// When it was last used.
    pub last_used_at: Timestamp,
    /// When it ends at the latest.
    pub expires_at: Timestamp,
    /// The browser or program, as it named itself.
    pub user_agent: Option<String>,
    /// Where it was last used from.
    pub address: Option<String>,
    /// The device that registered or proved itself in it, once one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub device_id: Option<DeviceId>,
    /// This very one.
    pub current: bool,
}
