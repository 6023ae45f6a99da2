//! Events for an application's endpoints, signed as Standard Webhooks
//! (<https://www.standardwebhooks.com>).

mod guard;

use std::{sync::Arc, time::Duration};

use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use reqwest::{Url, redirect::Policy};
use sha2::Sha256;
use time::OffsetDateTime;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::{notify::Failure, store::webhooks::Webhook, vault::Vault};
pub use guard::is_public;
use guard::{Guard, ensure_allowed};

/// What one delivery may take, from the look-up of the name to the status of the reply.
const SEND: Duration = Duration::from_secs(15);

/// The events that there are.
pub const EVENTS: [&str; 11] = [
    "account.completed",
    "account.deleted",
    "account.locked",
    "credential_stuffing.detected",
    "factor.added",
    "factor.removed",
    "factor.unreachable",
    "password.changed",
    "recovery_code.used",
    "recovery_codes.renewed",
    "sign_in.new_browser",
];

/// The way out for events.
#[derive(Clone)]
pub struct Sender {
    http: reqwest::Client,
    private: bool,
    limit: Duration,
}

impl Sender {
    /// A sender that reaches public addresses over HTTPS or, when `private`, all of them by
    /// either scheme.
    ///
    /// # Errors
    /// There is no TLS.
    pub fn new(private: bool) -> anyhow::Result<Self> {
        let http = reqwest::Client::builder()
            .no_proxy()
            .redirect(Policy::none())
            .dns_resolver(Arc::new(Guard { private }))
            .user_agent(concat!("snug-mfa/", env!("CARGO_PKG_VERSION")))
            .pool_max_idle_per_host(1)
            .build()?;
        Ok(Self {
            http,
            private,
            limit: SEND,
        })
    }

    /// The same with another limit for a delivery; 15 s by default.
    #[must_use]
    pub fn with_timeout(self, limit: Duration) -> Self {
        Self { limit, ..self }
    }

    /// Delivers one event, signed with every secret that is good now.
    pub(crate) async fn send(
        &self,
        vault: &Vault,
        to: &Webhook,
        id: Uuid,
        body: String,
        now: OffsetDateTime,
    ) -> Result<(), Failure> {
        let url = parse_url(&to.url, self.private).map_err(Failure::Permanent)?;
        let unix = now.unix_timestamp();
        let id = format!("msg_{}", id.simple());
        let mut versions = vec![to.version];
        if to.former_until.is_some_and(|until| until > now) {
            versions.push(to.version - 1);
        }
        let signatures: Vec<String> = versions
            .into_iter()
            .map(|version| sign(&*secret(vault, to.id, version), &id, unix, &body))
            .collect();
        let request = self
            .http
            .post(url)
            .header("content-type", "application/json")
            .header("webhook-id", id)
            .header("webhook-timestamp", unix)
            .header("webhook-signature", signatures.join(" "))
            .body(body)
            .send();
        match tokio::time::timeout(self.limit, request).await {
            Ok(Ok(reply)) if reply.status().is_success() => Ok(()),
            Ok(Ok(reply)) => {
                let status = reply.status().as_u16();
                let error = format!("the endpoint answered {status}");
                Err(match status {
                    410 => Failure::Permanent(error),
                    _ => Failure::Temporary(error),
                })
            }
            // The error's text may hold what the operator put into the URL.
            Ok(Err(_)) => Err(Failure::Temporary(
                "no connection to the endpoint".to_owned(),
            )),
            Err(_) => Err(Failure::Temporary(
                "the endpoint does not answer".to_owned(),
            )),
        }
    }
}

/// The secret of an endpoint in one of its versions: derived, so that none is kept.
pub fn secret(vault: &Vault, id: Uuid, version: i32) -> Zeroizing<[u8; 32]> {
    let parts = [id.as_bytes().as_slice(), &version.to_be_bytes()];
    Zeroizing::new(vault.mac("webhook secret", &parts))
}

/// A secret as applications get it.
pub fn shown(secret: &[u8]) -> Zeroizing<String> {
    Zeroizing::new(format!("whsec_{}", STANDARD.encode(secret)))
}

/// A URL that events may go to, or why not. Names are looked up, and checked, when they are used.
pub fn parse_url(text: &str, private: bool) -> Result<Url, String> {
    let url: Url = text.parse().map_err(|_| "this is no URL".to_owned())?;
    ensure_allowed(&url, private)?;
    Ok(url)
}

fn sign(secret: &[u8], id: &str, unix: i64, body: &str) -> String {
    #[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).expect("any length is fine");
    mac.update(format!("{id}.{unix}.{body}").as_bytes());
    format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the specification's own libraries.
    #[test]
    fn signs_as_standard_webhooks() {
        let secret = STANDARD.decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let signature = sign(
            &secret,
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            1_614_265_330,
            r#"{"test": 2432232314}"#,
        );
        assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn secrets_differ_by_endpoint_and_version() {
        let vault = Vault::new(&[1; 32]).unwrap();
        let [one, other] = [Uuid::from_u128(1), Uuid::from_u128(2)];
        assert_eq!(*secret(&vault, one, 1), *secret(&vault, one, 1));
        assert_ne!(*secret(&vault, one, 1), *secret(&vault, one, 2));
        assert_ne!(*secret(&vault, one, 1), *secret(&vault, other, 1));
        assert!(shown(&*secret(&vault, one, 1)).starts_with("whsec_"));
    }
}
