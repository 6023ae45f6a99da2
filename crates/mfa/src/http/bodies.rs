//! Bodies that are this service's own: those of the aliases, and the form for a token. They stand
//! alone, so that `fuzz/` reads them too.

use protocol::{Secret, UserId};
use serde::Deserialize;
use utoipa::ToSchema;

/// `POST /mfa/register`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"email": "ann@example.org", "username": "ann", "password": "correct horse battery"}))]
pub struct Register {
    /// The address.
    pub email: String,
    /// How the person signs in, beside the address.
    pub username: Option<String>,
    /// The password.
    pub password: Option<Secret>,
}

/// `POST /mfa/verify`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"username": "ann", "code": "123456"}))]
pub struct Check {
    /// The account, or else a username.
    pub account_id: Option<UserId>,
    /// The username or address, or else an account.
    pub username: Option<String>,
    /// A TOTP code.
    pub code: Secret,
}

/// `POST /request-otp`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"username": "ann", "channel": "email"}))]
pub struct RequestCode {
    /// The username or address.
    pub username: String,
    /// `email` or `telegram`; by mail unless told.
    pub channel: Option<String>,
}

/// `POST /verify`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"username": "ann", "token": "123456"}))]
pub struct VerifyToken {
    /// The username or address.
    pub username: String,
    /// A TOTP code, or the code sent last.
    pub token: Secret,
}

/// `POST /api/login`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"email": "ann@example.org", "password": "correct horse battery", "code": "123456"}))]
pub struct LoginWithCode {
    /// The address or username.
    pub email: String,
    /// The password.
    pub password: Secret,
    /// A TOTP code.
    pub code: Option<Secret>,
}

/// A token request. Client id and secret may come by HTTP Basic instead.
#[derive(Deserialize, ToSchema)]
pub struct Form {
    /// `client_credentials`.
    pub grant_type: Option<String>,
    /// Who asks.
    pub client_id: Option<String>,
    /// Its secret.
    #[schema(format = Password)]
    pub client_secret: Option<String>,
    /// Fewer scopes than the application has, separated by spaces.
    pub scope: Option<String>,
}
