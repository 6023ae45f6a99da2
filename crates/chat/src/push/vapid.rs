//! How we say who pushes: VAPID (RFC 8292), a key of our own and a signed word for each service.

use anyhow::Context;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use rcgen::{KeyPair, PKCS_ECDSA_P256_SHA256};
use reqwest::Url;
use serde::Serialize;
use time::OffsetDateTime;

/// How long a word is good: a day is the most that services take.
const LIFE: i64 = 12 * 60 * 60;

/// The key with who is behind it.
pub struct Vapid {
    signing: EncodingKey,
    public: Vec<u8>,
    subject: String,
}

#[derive(Serialize)]
struct Claims<'a> {
    aud: String,
    exp: i64,
    sub: &'a str,
}

impl Vapid {
    /// A new key, as it is stored (PKCS #8).
    ///
    /// # Errors
    /// When the system gives no randomness.
    pub fn generate() -> anyhow::Result<Vec<u8>> {
        Ok(KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?.serialize_der())
    }

    /// A stored key. `subject` is a URL or mail address of the operator.
    ///
    /// # Errors
    /// When it is none.
    pub fn new(stored: &[u8], subject: &str) -> anyhow::Result<Self> {
        let pair = KeyPair::try_from(stored).context("the stored VAPID key does not read")?;
        Ok(Self {
            signing: EncodingKey::from_ec_der(stored),
            public: pair.public_key_raw().to_vec(),
            subject: subject.to_owned(),
        })
    }

    /// The public key as browsers take it: an uncompressed point, base64url.
    pub fn public_key(&self) -> String {
        URL_SAFE_NO_PAD.encode(&self.public)
    }

    /// The `Authorization` of a push to this endpoint.
    ///
    /// # Errors
    /// When signing fails, which no endpoint brings about.
    pub fn authorization(&self, endpoint: &Url) -> anyhow::Result<String> {
        let claims = Claims {
            aud: endpoint.origin().ascii_serialization(),
            exp: OffsetDateTime::now_utc().unix_timestamp() + LIFE,
            sub: &self.subject,
        };
        let token = encode(&Header::new(Algorithm::ES256), &claims, &self.signing)?;
        Ok(format!("vapid t={token}, k={}", self.public_key()))
    }
}

#[cfg(test)]
mod tests {
    use jsonwebtoken::{DecodingKey, Validation, decode};
    use serde_json::Value;

    use super::*;

    #[test]
    fn a_word_is_signed_for_one_service() {
        let key = Vapid::new(&Vapid::generate().unwrap(), "https://chat.example.org").unwrap();
        assert_eq!(key.public.len(), 65);
        assert_eq!(key.public[0], 4);
        let endpoint = "https://push.example.org/abc".parse().unwrap();
        let authorization = key.authorization(&endpoint).unwrap();
        let token = authorization.strip_prefix("vapid t=").unwrap();
        let token = token.split(',').next().unwrap();
        let (x, y) = key.public[1..].split_at(32);
        let [x, y] = [x, y].map(|half| URL_SAFE_NO_PAD.encode(half));
        let verifying = DecodingKey::from_ec_components(&x, &y).unwrap();
        let mut validation = Validation::new(Algorithm::ES256);
        validation.set_audience(&["https://push.example.org"]);
        let claims = decode::<Value>(token, &verifying, &validation)
            .unwrap()
            .claims;
        assert_eq!(claims["sub"], "https://chat.example.org");
        validation.set_audience(&["https://other.example.org"]);
        assert!(decode::<Value>(token, &verifying, &validation).is_err());
    }
}
