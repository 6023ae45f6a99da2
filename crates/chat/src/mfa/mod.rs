//! The MFA service, seen from here: calls over mTLS with hard time-outs, and its assertions.

mod assertions;
mod circuit;
mod factors;
mod passwords;

use std::{net::SocketAddr, sync::Arc, time::Duration};

use anyhow::Context;
pub use assertions::Assertions;
use circuit::Circuit;
use protocol::{
    ChallengeId, Code, Problem, Secret, UserId,
    mfa::{
        Account, Assertion, Authenticated, Challenge, ChangeAccount, CreateAccount,
        CreateChallenge, CreatedAccount, Jwks, Login, Method, Progress, ResendEmail, SendCode,
        SendReply, VerifyChallenge, VerifyEmail,
    },
};
use reqwest::{Url, dns};
use serde::{Serialize, de::DeserializeOwned};

use crate::{caller::Caller, config::Config, error::Error};

/// From the first byte sent to the last received: password hashing included.
const DEADLINE: Duration = Duration::from_secs(10);
const CONNECT: Duration = Duration::from_secs(2);

/// A client of the MFA service.
pub struct Mfa {
    http: reqwest::Client,
    base: Url,
    circuit: Circuit,
    assertions: Assertions,
}

/// Why a call did not succeed.
#[derive(Debug)]
pub enum Failure {
    /// The service refused, with members of its own.
    Refused(Box<Problem>),
    /// The service is down, too slow, or does not accept us: nobody can sign in.
    Down,
}

/// The members of refusals that clients may see.
const MEMBERS: [&str; 5] = ["challenge_id", "methods", "puzzle", "reason", "seconds"];

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Refused(mut problem) => {
                problem.request_id = None;
                problem
                    .extra
                    .retain(|name, _| MEMBERS.contains(&name.as_str()));
                Self::Refused(problem)
            }
            Failure::Down => Problem::new(Code::MfaUnavailable)
                .detail("Please try again in a moment. Open conversations go on.")
                .retry_after(5)
                .into(),
        }
    }
}

impl Mfa {
    /// A client as configured. Nothing is dialled yet.
    ///
    /// # Errors
    /// Names the variable that is wrong.
    pub fn new(config: &Config) -> anyhow::Result<Self> {
        let mut base: Url = config
            .mfa_url
            .parse()
            .with_context(|| format!("MFA_URL: {:?} is no URL", config.mfa_url))?;
        let mut http = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(CONNECT)
            .timeout(DEADLINE)
            .tcp_nodelay(true)
            .pool_idle_timeout(Duration::from_secs(5));
        if base.scheme() == "https" {
            // The certificate is checked for its own name, whatever address it is reached by.
            let host = base.host_str().context("MFA_URL has no host")?.to_owned();
            let port = base.port_or_known_default().unwrap_or(443);
            let dial = host.trim_matches(['[', ']']).to_owned();
            base.set_host(Some(&config.mfa_name)).context("MFA_NAME")?;
            http = http
                .tls_backend_preconfigured(service::tls::client_config(&config.tls)?)
                .dns_resolver(Arc::new(Fixed { host: dial, port }));
        }
        Ok(Self {
            http: http.build().context("MFA_URL")?,
            base,
            circuit: Circuit::default(),
            assertions: Assertions::new(&config.mfa_client_id, config.issuer()),
        })
    }

    /// Makes an unfinished account.
    pub async fn create(
        &self,
        body: &CreateAccount,
        caller: &Caller,
    ) -> Result<CreatedAccount, Failure> {
        self.post("/v1/accounts", body, caller).await
    }

    /// Corrects the address of an unfinished account.
    pub async fn change_email(
        &self,
        account: UserId,
        email: String,
        caller: &Caller,
    ) -> Result<Account, Failure> {
        let path = format!("/v1/accounts/{account}");
        self.call(
            http::Method::PATCH,
            &path,
            Some(&ChangeAccount {
                email: Some(email),
                ..ChangeAccount::default()
            }),
            caller,
        )
        .await
    }

    /// An account.
    pub async fn account(&self, account: UserId, caller: &Caller) -> Result<Account, Failure> {
        let path = format!("/v1/accounts/{account}");
        self.call::<(), _>(http::Method::GET, &path, None, caller)
            .await
    }

    /// Confirms an address by the code sent to it.
    pub async fn verify_email(
        &self,
        body: &VerifyEmail,
        caller: &Caller,
    ) -> Result<Progress, Failure> {
        self.post("/v1/email-verifications", body, caller).await
    }

    /// Sends the code for an address again.
    pub async fn resend_email(&self, body: &ResendEmail, caller: &Caller) -> Result<(), Failure> {
        let _: serde_json::Value = self
            .post("/v1/email-verifications/resend", body, caller)
            .await?;
        Ok(())
    }

    /// Gives a password.
    pub async fn login(&self, body: &Login, caller: &Caller) -> Result<Authenticated, Failure> {
        self.post("/v1/logins", body, caller).await
    }

    /// Asks for a second factor.
    pub async fn challenge(
        &self,
        body: &CreateChallenge,
        caller: &Caller,
    ) -> Result<Challenge, Failure> {
        self.post("/v1/challenges", body, caller).await
    }

    /// Sends a code for a challenge, or says what to ask the browser.
    pub async fn send(
        &self,
        challenge: ChallengeId,
        method: Method,
        caller: &Caller,
    ) -> Result<SendReply, Failure> {
        let path = format!("/v1/challenges/{challenge}/send");
        self.post(&path, &SendCode { method }, caller).await
    }

    /// Answers a challenge.
    pub async fn verify(
        &self,
        challenge: ChallengeId,
        body: &VerifyChallenge,
        caller: &Caller,
    ) -> Result<Authenticated, Failure> {
        self.post(&format!("/v1/challenges/{challenge}/verify"), body, caller)
            .await
    }

    /// Checks an assertion for us with this purpose; each counts once.
    ///
    /// # Errors
    /// [`Failure::Down`] also for an assertion that does not check: it came from the service
    /// itself, so that one of the two is set up wrongly.
    pub async fn check(
        &self,
        assertion: &Secret,
        purpose: &str,
        caller: &Caller,
    ) -> Result<Assertion, Failure> {
        if self.assertions.needs_keys(assertion) {
            let jwks: Jwks = self
                .call::<(), _>(http::Method::GET, "/.well-known/jwks.json", None, caller)
                .await?;
            self.assertions.learn(&jwks);
        }
        self.assertions.check(assertion, purpose).map_err(|fault| {
            tracing::error!(fault, "an assertion of the MFA service does not check; compare MFA_ISSUER, MFA_CLIENT_ID and the clocks");
            Failure::Down
        })
    }

    /// Whether the service answers.
    pub async fn is_up(&self) -> bool {
        let Ok(url) = self.base.join("/healthcheck") else {
            return false;
        };
        let request = self.http.get(url).timeout(Duration::from_secs(2)).send();
        request.await.is_ok_and(|reply| reply.status().is_success())
    }

    async fn post<B: Serialize, R: DeserializeOwned>(
        &self,
        path: &str,
        body: &B,
        caller: &Caller,
    ) -> Result<R, Failure> {
        self.call(http::Method::POST, path, Some(body), caller)
            .await
    }

    async fn call<B: Serialize, R: DeserializeOwned>(
        &self,
        method: http::Method,
        path: &str,
        body: Option<&B>,
        caller: &Caller,
    ) -> Result<R, Failure> {
        self.call_with(method, path, body, None, caller).await
    }

    async fn call_with<B: Serialize, R: DeserializeOwned>(
        &self,
        method: http::Method,
        path: &str,
        body: Option<&B>,
        assertion: Option<&Secret>,
        caller: &Caller,
    ) -> Result<R, Failure> {
        if self.circuit.is_open() {
            return Err(Failure::Down);
        }
        let url = self.base.join(path).map_err(|_| Failure::Down)?;
        let mut request = self
            .http
            .request(method, url)
            .header("x-client-address", caller.address.to_string())
            .header("x-request-id", &caller.request_id);
        if let Some(body) = body {
            request = request.json(body);
        }
        if let Some(assertion) = assertion {
            request = request.header("x-assertion", assertion.expose());
        }
        let answer = async {
            let reply = request.send().await?;
            Ok((reply.status(), reply.bytes().await?))
        };
        let answer: Result<_, reqwest::Error> = answer.await;
        let (status, bytes) = match answer {
            Ok(answer) => answer,
            Err(error) => {
                self.circuit.failed(error.is_connect());
                tracing::warn!(error = %error.without_url(), path, "the MFA service does not answer");
                return Err(Failure::Down);
            }
        };
        self.circuit.succeeded();
        if status.is_success() {
            let bytes: &[u8] = if bytes.is_empty() { b"null" } else { &bytes };
            return serde_json::from_slice(bytes).map_err(|error| {
                tracing::error!(
                    line = error.line(),
                    path,
                    "the MFA service answers in another form"
                );
                Failure::Down
            });
        }
        match serde_json::from_slice::<Problem>(&bytes) {
            Ok(problem) if status.is_client_error() && is_for_clients(problem.code) => {
                Err(Failure::Refused(Box::new(problem)))
            }
            _ => {
                tracing::warn!(status = status.as_u16(), path, "the MFA service failed");
                Err(Failure::Down)
            }
        }
    }
}

/// Refusals that mean us, not the person, are a fault of the set-up.
fn is_for_clients(code: Code) -> bool {
    !matches!(
        code,
        Code::ClientRequired
            | Code::Forbidden
            | Code::MalformedJson
            | Code::UnsupportedMediaType
            | Code::MethodNotAllowed
            | Code::Unknown
    )
}

/// Dials one host and port, whatever name is asked for.
struct Fixed {
    host: String,
    port: u16,
}

impl dns::Resolve for Fixed {
    fn resolve(&self, _name: dns::Name) -> dns::Resolving {
        let (host, port) = (self.host.clone(), self.port);
        Box::pin(async move {
            let addresses: Vec<SocketAddr> = tokio::net::lookup_host((host.as_str(), port))
                .await?
                .collect();
            let addresses: dns::Addrs = Box::new(addresses.into_iter());
            Ok(addresses)
        })
    }
}
