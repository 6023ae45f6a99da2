//! What the service signs: assertions for applications and their access tokens (EdDSA JWTs).

use std::sync::Arc;

use anyhow::Context;
use jsonwebtoken::{Algorithm, Header, Validation, decode, decode_header, encode};
use protocol::{Secret, mfa::Assertion};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use time::OffsetDateTime;
use uuid::Uuid;

pub use crate::amr::Amr;
use crate::signing::{KeySet, SigningKey};

/// Seconds that an assertion is good for.
pub const ASSERTION_LIFE: i64 = 60;
/// Seconds that an access token is good for.
pub const TOKEN_LIFE: i64 = 600;
/// Seconds after giving a factor in which an assertion counts as fresh.
pub const FRESH: i64 = 300;

const ASSERTION_TYPE: &str = "assertion+jwt";
const TOKEN_TYPE: &str = "at+jwt";
const TOKEN_AUDIENCE: &str = "snug-mfa";

/// Signs with the active key and verifies with all that are still published.
#[derive(Clone)]
pub struct Signer {
    issuer: Arc<str>,
    keys: KeySet,
}

/// What a person proved, to be asserted.
pub struct Proof<'a> {
    /// The client id of the application.
    pub audience: &'a str,
    /// The account.
    pub account: Uuid,
    /// What was given.
    pub amr: Amr,
    /// What for.
    pub purpose: &'a str,
    /// What the challenge was bound to.
    pub context: Option<&'a str>,
}

/// The claims of an access token.
#[derive(Serialize, Deserialize)]
struct TokenClaims {
    iss: String,
    aud: String,
    sub: Uuid,
    scope: String,
    iat: i64,
    exp: i64,
}

/// Why a token or assertion does not count.
#[derive(Debug, thiserror::Error)]
#[error("the token is malformed, expired or not ours")]
pub struct Refused;

impl Signer {
    /// A signer with all published keys.
    pub fn new(issuer: &str, keys: Vec<SigningKey>) -> Self {
        Self {
            issuer: issuer.into(),
            keys: KeySet::new(keys),
        }
    }

    /// Takes the keys of now in place of those of before.
    pub fn reload(&self, keys: Vec<SigningKey>) {
        self.keys.replace(keys);
    }

    /// Signs what a person proved, good for [`ASSERTION_LIFE`] seconds.
    pub fn assertion(&self, proof: &Proof<'_>, now: OffsetDateTime) -> anyhow::Result<Secret> {
        let iat = now.unix_timestamp();
        let claims = Assertion {
            iss: self.issuer.to_string(),
            aud: proof.audience.to_owned(),
            sub: proof.account.into(),
            amr: proof.amr.names(),
            acr: proof.amr.acr().to_owned(),
            auth_time: iat,
            iat,
            exp: iat + ASSERTION_LIFE,
            purpose: proof.purpose.to_owned(),
            jti: Uuid::new_v4().to_string(),
            context: proof.context.map(str::to_owned),
        };
        self.sign(ASSERTION_TYPE, &claims, now)
    }

    /// Asserts once more what a person proved a moment ago, together with something else.
    pub fn together(
        &self,
        earlier: Assertion,
        also: Amr,
        now: OffsetDateTime,
    ) -> anyhow::Result<(Secret, Assertion)> {
        let iat = now.unix_timestamp();
        let mut amr = earlier.amr;
        for name in also.names() {
            if !amr.contains(&name) {
                amr.push(name);
            }
        }
        let claims = Assertion {
            amr,
            auth_time: iat,
            iat,
            exp: iat + ASSERTION_LIFE,
            jti: Uuid::new_v4().to_string(),
            context: None,
            ..earlier
        };
        Ok((self.sign(ASSERTION_TYPE, &claims, now)?, claims))
    }

    /// Checks an assertion of ours for an application and account: at most [`FRESH`] seconds old,
    /// its own expiry (which is for opening sessions) aside.
    pub fn fresh_assertion(
        &self,
        token: &str,
        audience: &str,
        account: Uuid,
        now: OffsetDateTime,
    ) -> Result<Assertion, Refused> {
        let claims: Assertion = self.verify(ASSERTION_TYPE, token, audience)?;
        let age = now.unix_timestamp() - claims.auth_time;
        let fits = claims.sub.0 == account && (0..=FRESH).contains(&age);
        if fits { Ok(claims) } else { Err(Refused) }
    }

    /// Signs an access token for an application.
    pub fn access_token(
        &self,
        app: Uuid,
        scopes: &[String],
        now: OffsetDateTime,
    ) -> anyhow::Result<Secret> {
        let iat = now.unix_timestamp();
        let claims = TokenClaims {
            iss: self.issuer.to_string(),
            aud: TOKEN_AUDIENCE.to_owned(),
            sub: app,
            scope: scopes.join(" "),
            iat,
            exp: iat + TOKEN_LIFE,
        };
        self.sign(TOKEN_TYPE, &claims, now)
    }

    /// The application and scopes of an access token of ours that is still good.
    pub fn verify_access_token(
        &self,
        token: &str,
        now: OffsetDateTime,
    ) -> Result<(Uuid, Vec<String>), Refused> {
        let claims: TokenClaims = self.verify(TOKEN_TYPE, token, TOKEN_AUDIENCE)?;
        if now.unix_timestamp() >= claims.exp {
            return Err(Refused);
        }
        Ok((
            claims.sub,
            claims.scope.split_whitespace().map(str::to_owned).collect(),
        ))
    }

    fn sign(
        &self,
        kind: &str,
        claims: &impl Serialize,
        now: OffsetDateTime,
    ) -> anyhow::Result<Secret> {
        let key = self.keys.active(now).context("no key signs")?;
        let mut header = Header::new(Algorithm::EdDSA);
        header.typ = Some(kind.to_owned());
        header.kid = Some(key.kid);
        let token = encode(&header, claims, &key.encoding).context("cannot sign")?;
        Ok(token.into())
    }

    /// Checks signature, type, issuer and audience. Times are the caller's: our clock is passed in.
    fn verify<T: DeserializeOwned>(
        &self,
        kind: &str,
        token: &str,
        audience: &str,
    ) -> Result<T, Refused> {
        let header = decode_header(token).map_err(|_| Refused)?;
        if header.typ.as_deref() != Some(kind) {
            return Err(Refused);
        }
        let kid = header.kid.ok_or(Refused)?;
        let key = self.keys.named(&kid).ok_or(Refused)?;
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.validate_exp = false;
        validation.set_audience(&[audience]);
        validation.set_issuer(&[&*self.issuer]);
        validation.set_required_spec_claims(&["exp", "aud", "iss", "sub"]);
        decode(token, &key.decoding, &validation)
            .map(|data| data.claims)
            .map_err(|_| Refused)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signing::KeyPair;

    const NOW: OffsetDateTime = OffsetDateTime::UNIX_EPOCH;
    const ACCOUNT: Uuid = Uuid::from_u128(7);

    fn signer() -> Signer {
        let pair = KeyPair::generate(&mut rand::rng());
        Signer::new("https://mfa", vec![SigningKey::new(&pair, NOW).unwrap()])
    }

    fn proof() -> Proof<'static> {
        let amr = Amr {
            password: true,
            totp: true,
            ..Amr::default()
        };
        Proof {
            audience: "chat",
            account: ACCOUNT,
            amr,
            purpose: "login",
            context: None,
        }
    }

    #[test]
    fn rule_12_assertions_live_a_minute_and_name_all() {
        let signer = signer();
        let token = signer.assertion(&proof(), NOW).unwrap();
        let claims = signer
            .fresh_assertion(token.expose(), "chat", ACCOUNT, NOW)
            .unwrap();
        assert_eq!(claims.exp - claims.iat, 60);
        assert_eq!(claims.amr, ["pwd", "otp"]);
        assert_eq!(claims.acr, "aal2");
        assert_eq!((&*claims.iss, &*claims.purpose), ("https://mfa", "login"));
    }

    #[test]
    fn rule_12_other_apps_accounts_keys_and_times_do_not_count() {
        let signer = signer();
        let token = signer.assertion(&proof(), NOW).unwrap();
        let check = |signer: &Signer, app, account, after| {
            let now = NOW + time::Duration::seconds(after);
            signer
                .fresh_assertion(token.expose(), app, account, now)
                .is_ok()
        };
        assert!(check(&signer, "chat", ACCOUNT, FRESH));
        assert!(!check(&signer, "shop", ACCOUNT, 0));
        assert!(!check(&signer, "chat", Uuid::nil(), 0));
        assert!(!check(&signer, "chat", ACCOUNT, FRESH + 1));
        assert!(!check(&signer, "chat", ACCOUNT, -1));
        assert!(!check(&self::signer(), "chat", ACCOUNT, 0));
    }

    #[test]
    fn an_assertion_is_no_access_token_and_the_reverse() {
        let signer = signer();
        let app = Uuid::from_u128(1);
        let token = signer
            .access_token(app, &["accounts".to_owned()], NOW)
            .unwrap();
        let (found, scopes) = signer.verify_access_token(token.expose(), NOW).unwrap();
        assert_eq!((found, &*scopes), (app, &["accounts".to_owned()][..]));
        let late = NOW + time::Duration::seconds(TOKEN_LIFE);
        assert!(signer.verify_access_token(token.expose(), late).is_err());
        assert!(
            signer
                .fresh_assertion(token.expose(), "snug-mfa", app, NOW)
                .is_err()
        );
        let assertion = signer.assertion(&proof(), NOW).unwrap();
        assert!(signer.verify_access_token(assertion.expose(), NOW).is_err());
        assert!(signer.verify_access_token("a.b.c", NOW).is_err());
    }
}
