//! What the service signs: assertions for applications and their access tokens (EdDSA JWTs).

use std::sync::Arc;

use anyhow::Context;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ed25519_dalek::SigningKey;
use jsonwebtoken::{
    Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, decode_header, encode,
};
use protocol::{
    Secret,
    mfa::{Assertion, Jwk},
};
use rand::CryptoRng;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use time::OffsetDateTime;
use uuid::Uuid;
use zeroize::Zeroizing;

pub use crate::amr::Amr;

/// Seconds that an assertion is good for.
pub const ASSERTION_LIFE: i64 = 60;
/// Seconds that an access token is good for.
pub const TOKEN_LIFE: i64 = 600;
/// Seconds after giving a factor in which an assertion counts as fresh.
pub const FRESH: i64 = 300;

const ASSERTION_TYPE: &str = "assertion+jwt";
const TOKEN_TYPE: &str = "at+jwt";
const TOKEN_AUDIENCE: &str = "snug-mfa";

/// PKCS #8 around an Ed25519 seed (RFC 8410, section 7).
const PKCS8_HEAD: [u8; 16] = [
    0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20,
];

/// Signs with the active key and verifies with all that are still published.
#[derive(Clone)]
pub struct Signer(Arc<Inner>);

struct Inner {
    issuer: String,
    active: EncodingKey,
    active_kid: String,
    published: Vec<(String, DecodingKey)>,
}

/// A key pair as it is stored.
pub struct KeyPair {
    /// Its name in headers and in the JWKS.
    pub kid: String,
    /// The public half.
    pub public: [u8; 32],
    /// The private half, to be sealed.
    pub seed: Zeroizing<[u8; 32]>,
}

impl KeyPair {
    /// A fresh Ed25519 key.
    pub fn generate(rng: &mut impl CryptoRng) -> Self {
        let mut seed = Zeroizing::new([0; 32]);
        rng.fill_bytes(&mut *seed);
        let public = SigningKey::from_bytes(&seed).verifying_key().to_bytes();
        let mut name = [0; 9];
        rng.fill_bytes(&mut name);
        Self {
            kid: URL_SAFE_NO_PAD.encode(name),
            public,
            seed,
        }
    }
}

/// A public key as the JWKS shows it.
pub fn jwk(kid: &str, public: &[u8]) -> Jwk {
    Jwk {
        kty: "OKP".to_owned(),
        crv: "Ed25519".to_owned(),
        alg: "EdDSA".to_owned(),
        usage: "sig".to_owned(),
        kid: kid.to_owned(),
        x: URL_SAFE_NO_PAD.encode(public),
    }
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
    /// A signer with an active key and older public keys (`kid`, 32 bytes) that still verify.
    pub fn new(
        issuer: &str,
        active: &KeyPair,
        others: &[(String, Vec<u8>)],
    ) -> anyhow::Result<Self> {
        let der = Zeroizing::new([&PKCS8_HEAD[..], &*active.seed].concat());
        let mut published = vec![(active.kid.clone(), decoding(&active.public)?)];
        for (kid, public) in others {
            published.push((kid.clone(), decoding(public)?));
        }
        Ok(Self(Arc::new(Inner {
            issuer: issuer.to_owned(),
            active: EncodingKey::from_ed_der(&der),
            active_kid: active.kid.clone(),
            published,
        })))
    }

    /// Signs what a person proved, good for [`ASSERTION_LIFE`] seconds.
    pub fn assertion(&self, proof: &Proof<'_>, now: OffsetDateTime) -> anyhow::Result<Secret> {
        let iat = now.unix_timestamp();
        let claims = Assertion {
            iss: self.0.issuer.clone(),
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
        self.sign(ASSERTION_TYPE, &claims)
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
        Ok((self.sign(ASSERTION_TYPE, &claims)?, claims))
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
            iss: self.0.issuer.clone(),
            aud: TOKEN_AUDIENCE.to_owned(),
            sub: app,
            scope: scopes.join(" "),
            iat,
            exp: iat + TOKEN_LIFE,
        };
        self.sign(TOKEN_TYPE, &claims)
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

    fn sign(&self, kind: &str, claims: &impl Serialize) -> anyhow::Result<Secret> {
        let mut header = Header::new(Algorithm::EdDSA);
        header.typ = Some(kind.to_owned());
        header.kid = Some(self.0.active_kid.clone());
        let token = encode(&header, claims, &self.0.active).context("cannot sign")?;
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
        let (_, key) = self
            .0
            .published
            .iter()
            .find(|(published, _)| *published == kid)
            .ok_or(Refused)?;
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.validate_exp = false;
        validation.set_audience(&[audience]);
        validation.set_issuer(&[&self.0.issuer]);
        validation.set_required_spec_claims(&["exp", "aud", "iss", "sub"]);
        decode(token, key, &validation)
            .map(|data| data.claims)
            .map_err(|_| Refused)
    }
}

fn decoding(public: &[u8]) -> anyhow::Result<DecodingKey> {
    DecodingKey::from_ed_components(&URL_SAFE_NO_PAD.encode(public))
        .context("a public key is broken")
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: OffsetDateTime = OffsetDateTime::UNIX_EPOCH;
    const ACCOUNT: Uuid = Uuid::from_u128(7);

    fn signer() -> Signer {
        Signer::new("https://mfa", &KeyPair::generate(&mut rand::rng()), &[]).unwrap()
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
