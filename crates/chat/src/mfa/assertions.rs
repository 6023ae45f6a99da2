//! Assertions of the MFA service: EdDSA JWTs, checked against its published keys, good once.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use protocol::{
    Secret,
    mfa::{Assertion, Jwks},
};

const TYPE: &str = "assertion+jwt";
/// How far the two clocks may be apart, in seconds.
const LEEWAY: u64 = 10;
/// Longer than any assertion lives.
const REMEMBER: Duration = Duration::from_secs(120);

/// Checks assertions for one audience and issuer.
pub struct Assertions {
    audience: String,
    issuer: String,
    keys: Mutex<HashMap<String, DecodingKey>>,
    /// The `jti` of those that were used, and when.
    used: Mutex<HashMap<String, Instant>>,
}

impl Assertions {
    /// Knows no key yet.
    pub fn new(audience: &str, issuer: &str) -> Self {
        Self {
            audience: audience.to_owned(),
            issuer: issuer.to_owned(),
            keys: Mutex::default(),
            used: Mutex::default(),
        }
    }

    /// Whether the key that signed this assertion is unknown: the keys have to be fetched.
    pub fn needs_keys(&self, assertion: &Secret) -> bool {
        let kid = decode_header(assertion.expose())
            .ok()
            .and_then(|header| header.kid);
        kid.is_some_and(|kid| !lock(&self.keys).contains_key(&kid))
    }

    /// Takes the published keys in place of those known before.
    pub fn learn(&self, jwks: &Jwks) {
        let usable = jwks
            .keys
            .iter()
            .filter(|key| key.kty == "OKP" && key.crv == "Ed25519");
        *lock(&self.keys) = usable
            .filter_map(|key| {
                Some((
                    key.kid.clone(),
                    DecodingKey::from_ed_components(&key.x).ok()?,
                ))
            })
            .collect();
    }

    /// The claims of an assertion that checks and was not used before.
    ///
    /// # Errors
    /// What does not check, for the log.
    pub fn check(&self, assertion: &Secret, purpose: &str) -> Result<Assertion, &'static str> {
        let header = decode_header(assertion.expose()).map_err(|_| "malformed")?;
        if header.typ.as_deref() != Some(TYPE) {
            return Err("no assertion");
        }
        let kid = header.kid.ok_or("no key id")?;
        let key = lock(&self.keys).get(&kid).cloned().ok_or("unknown key")?;
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.leeway = LEEWAY;
        validation.set_audience(&[&self.audience]);
        validation.set_issuer(&[&self.issuer]);
        validation.set_required_spec_claims(&["exp", "aud", "iss", "sub"]);
        let claims = decode::<Assertion>(assertion.expose(), &key, &validation)
            .map_err(|_| "signature, audience, issuer or time")?
            .claims;
        if claims.purpose != purpose {
            return Err("purpose");
        }
        let mut used = lock(&self.used);
        used.retain(|_, at| at.elapsed() < REMEMBER);
        if used.insert(claims.jti.clone(), Instant::now()).is_some() {
            return Err("used before");
        }
        Ok(claims)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
pub(crate) mod tests {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    use jsonwebtoken::{EncodingKey, Header, encode};
    use protocol::{UserId, mfa::Jwk};
    use time::OffsetDateTime;

    use super::*;

    /// PKCS #8 of the Ed25519 seed 1, 1, 1, … (RFC 8410, section 7), for tests.
    fn signing_key() -> EncodingKey {
        let head = [
            0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20,
        ];
        EncodingKey::from_ed_der(&[&head[..], &[1; 32]].concat())
    }

    /// The published half.
    pub(crate) fn jwks() -> Jwks {
        let seed = e2ee::AccountKey::from_bytes(&[1; 32]);
        Jwks {
            keys: vec![Jwk {
                kty: "OKP".to_owned(),
                crv: "Ed25519".to_owned(),
                alg: "EdDSA".to_owned(),
                usage: "sig".to_owned(),
                kid: "test".to_owned(),
                x: URL_SAFE_NO_PAD.encode(seed.public().as_bytes()),
            }],
        }
    }

    /// An assertion as the MFA service makes them.
    pub(crate) fn assertion(user: UserId, purpose: &str, context: Option<String>) -> Secret {
        sign(&claims(user, purpose, context))
    }

    fn claims(user: UserId, purpose: &str, context: Option<String>) -> Assertion {
        let now = OffsetDateTime::now_utc().unix_timestamp();
        Assertion {
            iss: "https://localhost:8443".to_owned(),
            aud: "chat".to_owned(),
            sub: user,
            amr: vec!["pwd".to_owned(), "otp".to_owned()],
            acr: "aal2".to_owned(),
            auth_time: now,
            iat: now,
            exp: now + 60,
            purpose: purpose.to_owned(),
            jti: uuid::Uuid::now_v7().to_string(),
            context,
        }
    }

    fn sign(claims: &Assertion) -> Secret {
        let mut header = Header::new(Algorithm::EdDSA);
        header.typ = Some(TYPE.to_owned());
        header.kid = Some("test".to_owned());
        encode(&header, claims, &signing_key()).unwrap().into()
    }

    #[test]
    fn an_assertion_counts_once_and_only_for_its_purpose_audience_issuer_and_time() {
        let user = UserId::from_bytes([7; 16]);
        let checker = Assertions::new("chat", "https://localhost:8443");
        let good = assertion(user, "login", None);
        assert!(checker.needs_keys(&good));
        assert_eq!(checker.check(&good, "login").unwrap_err(), "unknown key");
        checker.learn(&jwks());
        assert!(!checker.needs_keys(&good));
        assert_eq!(checker.check(&good, "step-up").unwrap_err(), "purpose");
        assert_eq!(checker.check(&good, "login").unwrap().sub, user);
        assert_eq!(checker.check(&good, "login").unwrap_err(), "used before");

        let fault = |change: &dyn Fn(&mut Assertion)| {
            let mut claims = claims(user, "login", None);
            change(&mut claims);
            checker.check(&sign(&claims), "login").is_err()
        };
        assert!(!fault(&|_| {}));
        assert!(fault(&|claims| claims.aud = "shop".to_owned()));
        assert!(fault(&|claims| claims.iss = "https://elsewhere".to_owned()));
        assert!(fault(&|claims| claims.exp -= 120));
        assert!(checker.check(&"a.b.c".into(), "login").is_err());
    }
}
