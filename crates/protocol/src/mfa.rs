//! REST bodies of the MFA service (`/v1/…`), as its client applications send and receive them.
//!
//! Refusals are [`Problem`](crate::Problem)s; two of them carry members with a type of their own:
//! [`MfaRequired`] and [`Unfinished`].

use serde::{Deserialize, Serialize};

use crate::{ChallengeId, FactorId, Problem, Secret, Timestamp, UserId};

/// What a second factor is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub enum FactorKind {
    /// A code that changes every 30 seconds, from an authenticator app (RFC 6238).
    Totp,
    /// A code sent to the account's e-mail address.
    Email,
    /// A code sent by Telegram.
    Telegram,
    /// A WebAuthn credential.
    Passkey,
}

/// How a challenge can be answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub enum Method {
    /// With a code from an authenticator app.
    Totp,
    /// With a code sent by e-mail (`POST …/send` first).
    Email,
    /// With a code sent by Telegram (`POST …/send` first).
    Telegram,
    /// With a WebAuthn credential.
    Passkey,
    /// With one of the recovery codes.
    Recovery,
}

/// The language of mails to a person.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub enum Language {
    /// English.
    #[default]
    En,
    /// French.
    Fr,
}

/// `POST /v1/accounts`: makes an unfinished account and mails a code. Replies [`CreatedAccount`].
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CreateAccount {
    /// Where the code goes. Whether the address is taken is never told.
    pub email: String,
    /// Unique among the accounts of the application; 409 `username-taken`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// 8 to 128 characters, not common, without username or address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password: Option<Secret>,
    /// How mails address the person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
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

/// A factor that waits for its first code (201 of [`AddFactor`]).
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PendingFactor {
    /// The factor.
    pub factor_id: FactorId,
    /// What it is.
    pub kind: FactorKind,
    /// What its owner calls it.
    pub label: String,
    /// `otpauth://totp/…`, the content of the QR code.
    pub uri: Secret,
    /// The shared secret in base32 without padding, to type it by hand.
    pub secret: Secret,
    /// The QR code as an SVG document.
    pub qr_svg: Secret,
    /// When the pending factor vanishes.
    pub expires_at: Timestamp,
}

/// `PATCH /v1/accounts/{id}`: corrects the address of an unfinished account and mails a new code.
/// Replies 200 [`Account`].
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChangeAccount {
    /// The right address.
    pub email: String,
}

/// `GET /v1/accounts/{id}`.
#[derive(Clone, Debug, Serialize, Deserialize)]
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
#[serde(deny_unknown_fields)]
pub struct VerifyEmail {
    /// The address; its newest sign-up is meant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// The account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_id: Option<UserId>,
    /// The six digits of the mail.
    pub code: Secret,
}

/// `POST /v1/email-verifications/resend`, with one of the two. Always 202 `{message}`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResendEmail {
    /// The address; its newest sign-up is meant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// The account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_id: Option<UserId>,
}

/// A step towards a complete account was made.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Progress {
    /// The account.
    pub account_id: UserId,
    /// Address verified and, where one is required, a factor active.
    pub complete: bool,
    /// Given by the step that completed the account: a signed [`Assertion`], purpose `signup`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assertion: Option<Secret>,
}

/// `POST /v1/accounts/{id}/factors`. Replies 201 [`PendingFactor`].
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AddFactor {
    /// What to add.
    pub kind: FactorKind,
    /// What its owner calls it, up to 64 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
}

/// `POST /v1/accounts/{id}/factors/{factor_id}/activate`. Replies 200 [`ActivatedFactor`]; 422
/// `invalid-code`, with `reason: "clock-drift", seconds` or `reason: "wrong-algorithm"` when the
/// code would have been right otherwise.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ActivateFactor {
    /// The first code.
    pub code: Secret,
}

/// 200 of [`ActivateFactor`].
#[derive(Clone, Debug, Serialize, Deserialize)]
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
}

/// `GET /v1/accounts/{id}/factors`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Factors {
    /// All of them, oldest first.
    pub factors: Vec<Factor>,
    /// Recovery codes not used yet.
    pub recovery_codes_left: u32,
}

/// `PATCH /v1/accounts/{id}/factors/{factor_id}`. Replies 200 [`Factor`].
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RenameFactor {
    /// The new label, 1 to 64 characters.
    pub label: String,
}

/// 201 of `POST /v1/accounts/{id}/recovery-codes` (needs a fresh assertion in `X-Assertion`, as
/// removing a factor does): the older codes are void.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RecoveryCodes {
    /// Ten codes, shown once.
    pub recovery_codes: Vec<Secret>,
}

/// `POST /v1/logins`. Replies 200 [`Authenticated`] when no factor is needed; 401
/// `invalid-credentials`; 401 `mfa-required` with [`MfaRequired`]; 403 `email-unverified` or
/// `enrolment-required` with [`Unfinished`]; 429 `locked`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Login {
    /// Username or address.
    pub identifier: String,
    /// The password.
    pub password: Secret,
    /// The address of the person's own machine; `X-Client-Address` when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_ip: Option<std::net::IpAddr>,
    /// What the assertion is for; `login` when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose: Option<String>,
}

/// 200 of [`Login`] and [`VerifyChallenge`].
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Authenticated {
    /// Whose account.
    pub account_id: UserId,
    /// A signed [`Assertion`].
    pub assertion: Secret,
    /// What was given: `pwd`, `otp`, `email`, `recovery`, `restricted` (RFC 8176 where it has a
    /// name for it).
    pub amr: Vec<String>,
    /// `aal1` after one factor, `aal2` after two.
    pub acr: String,
    /// Recovery codes left, after one was used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recovery_codes_left: Option<u32>,
}

/// The members of a 401 `mfa-required` and of `invalid-code` and `code-used` replies to
/// [`VerifyChallenge`].
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct MfaRequired {
    /// Whose account.
    pub account_id: UserId,
    /// What to answer.
    pub challenge_id: ChallengeId,
    /// How it can be answered.
    pub methods: Vec<Method>,
}

/// The members of a 403 `email-unverified` or `enrolment-required`: how to go on.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Unfinished {
    /// Whose account.
    pub account_id: UserId,
    /// The address, mostly hidden.
    pub email_hint: String,
    /// Whether a code from that address was given.
    pub email_verified: bool,
    /// The factor that waits for its first code; absent when one is active.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub factor: Option<PendingFactor>,
}

/// `POST /v1/challenges`. Replies 201 [`Challenge`].
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CreateChallenge {
    /// Whose second factor is asked for.
    pub account_id: UserId,
    /// What for, 1 to 64 characters: comes back in the assertion.
    pub purpose: String,
    /// Anything the application wants to bind, up to 256 characters: comes back in the assertion.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub context: Option<String>,
}

/// 201 of [`CreateChallenge`].
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Challenge {
    /// What to answer.
    pub challenge_id: ChallengeId,
    /// How it can be answered.
    pub methods: Vec<Method>,
    /// Until when.
    pub expires_at: Timestamp,
}

/// `POST /v1/challenges/{id}/send`. Replies 202 [`SentCode`].
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SendCode {
    /// `email`.
    pub method: Method,
}

/// 202 of [`SendCode`].
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SentCode {
    /// As asked.
    pub method: Method,
    /// Where it goes, mostly hidden.
    pub recipient_hint: String,
    /// Until when the code is good.
    pub expires_at: Timestamp,
}

/// `POST /v1/challenges/{id}/verify`. Replies 200 [`Authenticated`]; 422 `invalid-code`,
/// `code-used`; 409 `challenge-used`; 410 `challenge-expired`, `expired-code`; 429 `locked`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VerifyChallenge {
    /// How it is answered.
    pub method: Method,
    /// The code.
    pub code: Secret,
}

/// The claims of an assertion: a JWT signed with EdDSA by a key of `/.well-known/jwks.json`,
/// good for at most 60 seconds.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Assertion {
    /// The MFA service.
    pub iss: String,
    /// The client id of the application.
    pub aud: String,
    /// The account.
    pub sub: UserId,
    /// See [`Authenticated::amr`].
    pub amr: Vec<String>,
    /// See [`Authenticated::acr`].
    pub acr: String,
    /// When the person gave the last factor, in seconds since 1970.
    pub auth_time: i64,
    /// When it was signed, in seconds since 1970.
    pub iat: i64,
    /// Until when it is good, in seconds since 1970.
    pub exp: i64,
    /// `login`, `signup` or what the challenge was made for.
    pub purpose: String,
    /// Unique: an application may refuse to see it twice.
    pub jti: String,
    /// What the challenge was bound to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub context: Option<String>,
}

/// `GET /.well-known/jwks.json` (RFC 7517).
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Jwks {
    /// The key in use and those whose assertions may still be around.
    pub keys: Vec<Jwk>,
}

/// One public Ed25519 key (RFC 8037).
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Jwk {
    /// `OKP`.
    pub kty: String,
    /// `Ed25519`.
    pub crv: String,
    /// `EdDSA`.
    pub alg: String,
    /// `sig`.
    #[serde(rename = "use")]
    pub usage: String,
    /// The key's name in the header of a JWT.
    pub kid: String,
    /// The 32 bytes of the key, base64url without padding.
    pub x: String,
}

/// 200 of `POST /oauth/token` (RFC 6749, section 5.1).
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Token {
    /// Goes into `Authorization: Bearer …`.
    pub access_token: Secret,
    /// `Bearer`.
    pub token_type: String,
    /// Seconds that it is good for.
    pub expires_in: u64,
    /// The scopes it carries, separated by spaces.
    pub scope: String,
}

impl MfaRequired {
    /// The members of a problem, when it has them.
    pub fn of(problem: &Problem) -> Option<Self> {
        members(problem)
    }
}

impl Unfinished {
    /// The members of a problem, when it has them.
    pub fn of(problem: &Problem) -> Option<Self> {
        members(problem)
    }
}

fn members<T: serde::de::DeserializeOwned>(problem: &Problem) -> Option<T> {
    serde_json::from_value(serde_json::Value::Object(problem.extra.clone())).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Code;

    #[test]
    fn requests_refuse_unknown_fields() {
        for body in [
            r#"{"email":"a@example.org","role":"admin"}"#,
            r#"{"email":"a@example.org","factor":"sms"}"#,
            r#"{"username":"no-address"}"#,
        ] {
            assert!(
                serde_json::from_str::<CreateAccount>(body).is_err(),
                "{body}"
            );
        }
    }

    #[test]
    fn debug_shows_no_secret() {
        let login: Login =
            serde_json::from_str(r#"{"identifier":"ann","password":"correct horse"}"#).unwrap();
        assert!(!format!("{login:?}").contains("horse"));
    }

    #[test]
    fn members_of_a_problem_come_back_as_a_type() {
        let problem = Problem::new(Code::MfaRequired)
            .with("account_id", UserId::from_bytes([1; 16]))
            .with("challenge_id", ChallengeId::from_bytes([2; 16]))
            .with("methods", [Method::Totp, Method::Recovery]);
        let required = MfaRequired::of(&problem).unwrap();
        assert_eq!(required.methods, [Method::Totp, Method::Recovery]);
        assert!(MfaRequired::of(&Problem::new(Code::MfaRequired)).is_none());
    }
}
