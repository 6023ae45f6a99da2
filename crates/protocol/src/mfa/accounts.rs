//! Accounts and the addresses that they prove.

use serde::{Deserialize, Serialize};

use super::{FactorKind, Language, PendingFactor};
use crate::{Secret, Timestamp, UserId};

/// `POST /v1/accounts`: makes an unfinished account and mails a code. Replies [`CreatedAccount`].
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(
    feature = "openapi",
    derive(utoipa::ToSchema),
    schema(example = json!({"email": "ann@example.org", "username": "ann", "password": "correct horse battery", "factor": "totp"}))
)]
#[serde(deny_unknown_fields)]
pub struct CreateAccount {
    /// Where the code goes. Whether the address is taken is never told.
    #[cfg_attr(feature = "openapi", schema(format = "email", max_length = 254))]
    pub email: String,
    /// Unique among the accounts of the application; 409 `username-taken`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 64))]
    pub username: Option<String>,
    /// 8 to 128 characters, not common, without username or address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = Password, min_length = 8, max_length = 128))]
    pub password: Option<Secret>,
    /// How mails address the person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(max_length = 80))]
    pub name: Option<String>,
    /// The language of mails; English when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<Language>,
    /// Makes a pending factor of this kind (`totp`) at once, and a factor a condition: the
    /// account is complete only when one is active.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub factor: Option<FactorKind>,
}

/// 201 of [`CreateAccount`].
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CreatedAccount {
    /// The account; chat's `user_id`.
    pub account_id: UserId,
    /// The address, mostly hidden, to show where the code went.
    pub email_hint: String,
    /// When the account vanishes unless it is completed.
    pub expires_at: Timestamp,
    /// The pending factor, when one was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub factor: Option<PendingFactor>,
}

/// `PATCH /v1/accounts/{id}`: name and language of mails, and the address as long as it is not
/// verified, which mails a new code. What is absent stays as it is. Replies 200 [`Account`].
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(
    feature = "openapi",
    derive(utoipa::ToSchema),
    schema(example = json!({"name": "Ann Example", "language": "en"}))
)]
#[serde(deny_unknown_fields)]
pub struct ChangeAccount {
    /// The right address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(format = "email", max_length = 254))]
    pub email: Option<String>,
    /// How mails address the person; empty for no name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(max_length = 80))]
    pub name: Option<String>,
    /// The language of mails.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<Language>,
}

/// `GET /v1/accounts/{id}`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Account {
    /// The account.
    pub account_id: UserId,
    /// Its address.
    pub email: String,
    /// Whether a code from that address was given.
    pub email_verified: bool,
    /// Its name for signing in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// How mails address the person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The language of mails.
    pub language: Language,
    /// Address verified and, where one is required, a factor active.
    pub complete: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it vanishes unless it is completed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
}

/// `POST /v1/email-verifications`, with one of `email` and `account_id`. Replies 200
/// [`Progress`]; 422 `invalid-code` (`reason: "used"` when it was right, once); 410 `expired-code`;
/// 429 `locked`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(
    feature = "openapi",
    derive(utoipa::ToSchema),
    schema(example = json!({"account_id": "0192f7a0-0000-7000-8000-000000000001", "code": "123456"}))
)]
#[serde(deny_unknown_fields)]
pub struct VerifyEmail {
    /// The address; its newest sign-up is meant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(format = "email", max_length = 254))]
    pub email: Option<String>,
    /// The account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_id: Option<UserId>,
    /// The six digits of the mail.
    pub code: Secret,
}

/// `POST /v1/email-verifications/resend`, with one of the two. Always 202 `{message}`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(
    feature = "openapi",
    derive(utoipa::ToSchema),
    schema(example = json!({"account_id": "0192f7a0-0000-7000-8000-000000000001"}))
)]
#[serde(deny_unknown_fields)]
pub struct ResendEmail {
    /// The address; its newest sign-up is meant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(format = "email", max_length = 254))]
    pub email: Option<String>,
    /// The account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_id: Option<UserId>,
}

/// A step towards a complete account was made.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Progress {
    /// The account.
    pub account_id: UserId,
    /// Address verified and, where one is required, a factor active.
    pub complete: bool,
    /// Given by the step that completed the account: a signed [`Assertion`], purpose `signup`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assertion: Option<Secret>,
}
