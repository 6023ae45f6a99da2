//! What the stand-in signs, and the key to check it by.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use protocol::{
    Secret,
    mfa::{Assertion, Jwk, Jwks},
};
use service::Json;
use time::OffsetDateTime;
use uuid::Uuid;

/// PKCS #8 of the Ed25519 seed 1, 1, 1, … (RFC 8410, section 7).
fn signing_key() -> EncodingKey {
    let head = [
        0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20,
    ];
    EncodingKey::from_ed_der(&[&head[..], &[1; 32]].concat())
}

/// The public key.
pub async fn jwks() -> Json<Jwks> {
    let public = e2ee::AccountKey::from_bytes(&[1; 32]).public();
    Json(Jwks {
        keys: vec![Jwk {
            kty: "OKP".to_owned(),
            crv: "Ed25519".to_owned(),
            alg: "EdDSA".to_owned(),
            usage: "sig".to_owned(),
            kid: "test".to_owned(),
            x: URL_SAFE_NO_PAD.encode(public.as_bytes()),
        }],
    })
}

/// A signed word; `remembered` is a login in a remembered browser.
pub fn assertion(account: Uuid, purpose: &str, context: Option<String>) -> Secret {
    let now = OffsetDateTime::now_utc().unix_timestamp();
    let (purpose, second, acr) = match purpose {
        "remembered" => ("login", "rmb", "aal1"),
        "signup" => ("signup", "otp", "aal1"),
        other => (other, "otp", "aal2"),
    };
    let claims = Assertion {
        iss: "https://localhost:8443".to_owned(),
        aud: "chat".to_owned(),
        sub: account.into(),
        amr: vec!["pwd".to_owned(), second.to_owned()],
        acr: acr.to_owned(),
        auth_time: now,
        iat: now,
        exp: now + 60,
        purpose: purpose.to_owned(),
        jti: Uuid::now_v7().to_string(),
        context,
    };
    let mut header = Header::new(Algorithm::EdDSA);
    header.typ = Some("assertion+jwt".to_owned());
    header.kid = Some("test".to_owned());
    encode(&header, &claims, &signing_key()).unwrap().into()
}
