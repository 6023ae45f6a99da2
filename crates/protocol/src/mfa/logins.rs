//! Logins, challenges, assertions and tokens.

use serde::{Deserialize, Serialize};

use super::{Credential, Method, PasskeyRequest, PendingFactor};
use crate::{ChallengeId, Problem, Secret, Timestamp, UserId};

/// `POST /v1/logins`. Replies 200 [`Authenticated`] when no factor is needed; 401
/// `invalid-credentials`; 401 `mfa-required` with [`MfaRequired`]; 403 `email-unverified` or
/// `enrolment-required` with [`Unfinished`], or `proof-required` with a [`Puzzle`]; 429 `locked`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(
    feature = "openapi",
    derive(utoipa::ToSchema),
    schema(example = json!({"identifier": "ann", "password": "correct horse battery", "client_ip": "192.0.2.1"}))
)]
#[serde(deny_unknown_fields)]
pub struct Login {
    /// Username or address.
    pub identifier: String,
    /// The password.
    pub password: Secret,
    /// The address of the person's own machine; `X-Client-Address` when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub client_ip: Option<std::net::IpAddr>,
    /// What the assertion is for; `login` when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 64))]
    pub purpose: Option<String>,
    /// What tells the person's browser from others: an id that the application keeps in a cookie,
    /// or the browser's `User-Agent`. A sign-in from one that is new to the account is told by
    /// mail. Kept as a digest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 512))]
    pub client_agent: Option<String>,
    /// The solved puzzle of a 403 `proof-required`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub work: Option<Work>,
}

/// The member `puzzle` of a 403 `proof-required`: find a `solution` so that the SHA-256 of
/// `nonce:solution` begins with `bits` zero bits, and repeat the login with [`Work`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Puzzle {
    /// Good for one login.
    pub nonce: String,
    /// Zero bits that are needed.
    pub bits: u32,
    /// Until when it can be solved.
    pub expires_at: Timestamp,
}

/// A solved [`Puzzle`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Work {
    /// The puzzle's nonce.
    pub nonce: String,
    /// Any text of up to 64 bytes.
    #[cfg_attr(feature = "openapi", schema(max_length = 64))]
    pub solution: String,
}

/// 200 of [`Login`] and [`VerifyChallenge`].
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Authenticated {
    /// Whose account.
    pub account_id: UserId,
    /// A signed [`Assertion`].
    pub assertion: Secret,
    /// What was given: `pwd`, `otp`, `email`, `telegram`, `recovery`, `rmb` (a remembered device),
    /// `restricted` (RFC 8176 where it has a name for it).
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
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
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
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
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
#[cfg_attr(
    feature = "openapi",
    derive(utoipa::ToSchema),
    schema(example = json!({"account_id": "0192f7a0-0000-7000-8000-000000000001", "purpose": "change-address", "context": "order 17"}))
)]
#[serde(deny_unknown_fields)]
pub struct CreateChallenge {
    /// Whose second factor is asked for.
    pub account_id: UserId,
    /// What for, 1 to 64 characters: comes back in the assertion.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 64))]
    pub purpose: String,
    /// Anything the application wants to bind, up to 256 characters: comes back in the assertion.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 256))]
    pub context: Option<String>,
}

/// 201 of [`CreateChallenge`].
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Challenge {
    /// What to answer.
    pub challenge_id: ChallengeId,
    /// How it can be answered.
    pub methods: Vec<Method>,
    /// Until when.
    pub expires_at: Timestamp,
}

/// `POST /v1/challenges/{id}/send`. Replies 202 [`SentCode`]; for a passkey 200
/// [`PasskeyRequest`].
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(
    feature = "openapi",
    derive(utoipa::ToSchema),
    schema(example = json!({"method": "email"}))
)]
#[serde(deny_unknown_fields)]
pub struct SendCode {
    /// `email` or `telegram`.
    pub method: Method,
}

/// 202 of [`SendCode`].
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SentCode {
    /// As asked.
    pub method: Method,
    /// Where it goes, mostly hidden.
    pub recipient_hint: String,
    /// Until when the code is good.
    pub expires_at: Timestamp,
}

/// 202 or 200 of [`SendCode`], by method.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(untagged)]
pub enum SendReply {
    /// A code is on its way.
    Code(SentCode),
    /// What to ask the browser.
    Passkey(PasskeyRequest),
}

/// `POST /v1/challenges/{id}/verify`. Replies 200 [`Authenticated`]; 422 `invalid-code`,
/// `code-used`; 409 `challenge-used`; 410 `challenge-expired`, `expired-code`; 429 `locked`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(
    feature = "openapi",
    derive(utoipa::ToSchema),
    schema(example = json!({"method": "email", "code": "123456"}))
)]
#[serde(deny_unknown_fields)]
pub struct VerifyChallenge {
    /// How it is answered.
    pub method: Method,
    /// The code; for a passkey, `credential` stands instead.
    #[serde(default)]
    pub code: Secret,
    /// What the browser returned; passkeys only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credential: Option<Credential>,
}

/// The claims of an assertion: a JWT signed with EdDSA by a key of `/.well-known/jwks.json`,
/// good for at most 60 seconds.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
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
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Jwks {
    /// The key in use and those whose assertions may still be around.
    pub keys: Vec<Jwk>,
}

/// One public Ed25519 key (RFC 8037).
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
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
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
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
    use crate::mfa::CreateAccount;

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
