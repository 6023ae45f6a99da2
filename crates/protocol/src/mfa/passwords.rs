//! Passwords that are forgotten or changed, and addresses that change.

use serde::{Deserialize, Serialize};

use super::Method;
use crate::{ChallengeId, PasswordResetId, Secret, Timestamp, UserId};

/// `POST /v1/password-resets`. Always 202 [`StartedPasswordReset`], whether anybody has that name
/// or not; 429 `rate-limited`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(
    feature = "openapi",
    derive(utoipa::ToSchema),
    schema(example = json!({"identifier": "ann@example.com"}))
)]
#[serde(deny_unknown_fields)]
pub struct StartPasswordReset {
    /// Username or address.
    pub identifier: String,
}

/// 202 of [`StartPasswordReset`].
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StartedPasswordReset {
    /// What the next steps belong to. Give it to the person's browser only.
    pub reset_id: PasswordResetId,
    /// The same words for everybody.
    pub message: String,
    /// Until when the code is good, if one was sent.
    pub expires_at: Timestamp,
}

/// `POST /v1/password-resets/{id}/verify`: the code of the mail. Replies 200
/// [`ProvedPasswordReset`]; 422 `invalid-code` or `code-used`; 410 `expired-code`; 429 `locked`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(
    feature = "openapi",
    derive(utoipa::ToSchema),
    schema(example = json!({"code": "123456"}))
)]
#[serde(deny_unknown_fields)]
pub struct VerifyPasswordReset {
    /// The six digits of the mail.
    pub code: Secret,
}

/// 200 of [`VerifyPasswordReset`]: what is missing for the new password.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ProvedPasswordReset {
    /// Whose account.
    pub account_id: UserId,
    /// To be answered first, when the account has a second factor: the assertion of its answer goes
    /// into [`CompletePasswordReset`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub challenge_id: Option<ChallengeId>,
    /// How the challenge can be answered; empty without one.
    pub methods: Vec<Method>,
    /// Until when the new password can be set.
    pub expires_at: Timestamp,
}

/// `POST /v1/password-resets/{id}/complete`. Replies 200 [`Authenticated`](super::Authenticated)
/// with purpose `password-reset`; 403 `step-up-required` as long as something is missing; 409
/// `challenge-used`; 410 `expired-code`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(
    feature = "openapi",
    derive(utoipa::ToSchema),
    schema(example = json!({"password": "radium and polonium"}))
)]
#[serde(deny_unknown_fields)]
pub struct CompletePasswordReset {
    /// The new password.
    #[cfg_attr(feature = "openapi", schema(min_length = 8, max_length = 128))]
    pub password: Secret,
    /// The assertion of the challenge that the code brought, if it brought one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assertion: Option<Secret>,
}

/// `POST /v1/accounts/{id}/password`, with the current password or a fresh assertion in
/// `X-Assertion`. Replies 204; 401 `invalid-credentials`; 403 `step-up-required`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(
    feature = "openapi",
    derive(utoipa::ToSchema),
    schema(example = json!({"password": "polonium and radium", "current": "radium and polonium"}))
)]
#[serde(deny_unknown_fields)]
pub struct ChangePassword {
    /// The new password.
    #[cfg_attr(feature = "openapi", schema(min_length = 8, max_length = 128))]
    pub password: Secret,
    /// The one that counts until now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub current: Option<Secret>,
}

/// `POST /v1/accounts/{id}/email`: asks for another address. The account needs a fresh assertion
/// in `X-Assertion`; one without a second factor may give its password instead. Always 202
/// [`StartedEmailChange`] then, whether the address is taken or not.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(
    feature = "openapi",
    derive(utoipa::ToSchema),
    schema(example = json!({"email": "ann@example.net", "password": "radium and polonium"}))
)]
#[serde(deny_unknown_fields)]
pub struct ChangeEmail {
    /// The new address.
    #[cfg_attr(feature = "openapi", schema(format = "email", max_length = 254))]
    pub email: String,
    /// The password, in place of an assertion.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password: Option<Secret>,
}

/// 202 of [`ChangeEmail`]: the old address counts until the code is given.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StartedEmailChange {
    /// The new address, mostly hidden.
    pub email_hint: String,
    /// Until when the code is good.
    pub expires_at: Timestamp,
}

/// `POST /v1/accounts/{id}/email/verify`. Replies 200 [`Account`](super::Account); 422
/// `invalid-code`; 410 `expired-code`; 429 `locked`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(
    feature = "openapi",
    derive(utoipa::ToSchema),
    schema(example = json!({"code": "123456"}))
)]
#[serde(deny_unknown_fields)]
pub struct ConfirmEmail {
    /// The six digits of the mail to the new address.
    pub code: Secret,
}
