//! Who asks: the application behind a request, proved by certificate or access token.

use std::net::IpAddr;

use axum::{
    extract::{FromRequestParts, Request, State},
    middleware::Next,
    response::Response,
};
use http::{HeaderMap, HeaderName, header, request::Parts};
use protocol::Code;
use service::{Peer, Problem, RequestId};
use sqlx::PgExecutor;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{
    app::App,
    error::{Error, Result},
    limits,
    store::{
        apps::{self, Who},
        audit,
    },
};

/// The address of the person's machine, as the application saw it.
pub const CLIENT_ADDRESS: HeaderName = HeaderName::from_static("x-client-address");

/// What an application may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Make and change accounts and factors.
    Accounts,
    /// Logins and challenges.
    Challenges,
    /// Messages in the application's own words.
    Notify,
    /// What operators may do.
    Admin,
}

impl Scope {
    const fn name(self) -> &'static str {
        match self {
            Self::Accounts => "accounts",
            Self::Challenges => "challenges",
            Self::Notify => "notify",
            Self::Admin => "admin",
        }
    }
}

/// The application that asks, and for whom.
#[derive(Clone)]
pub struct Client {
    /// The application.
    pub app: apps::App,
    /// The person's address, or the application's own.
    pub address: Option<IpAddr>,
    request_id: Option<String>,
}

/// The layer of every route that is not open to all: finds out who asks, once per request.
pub async fn authenticate(
    State(app): State<App>,
    request: Request,
    next: Next,
) -> Result<Response> {
    let (mut parts, body) = request.into_parts();
    let found = identify(&parts, &app).await?;
    let peer = parts.extensions.get::<Peer>().map(|peer| peer.address.ip());
    let address = claimed_address(&parts.headers)?.or(peer);
    let request_id = parts.extensions.get::<RequestId>().map(|id| id.0.clone());
    let client = Client {
        app: found,
        address,
        request_id,
    };
    limits::requests(&app, &client).await?;
    parts.extensions.insert(client);
    Ok(next.run(Request::from_parts(parts, body)).await)
}

impl<S: Sync> FromRequestParts<S> for Client {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        parts
            .extensions
            .get()
            .cloned()
            .ok_or_else(|| unknown("Say who asks."))
    }
}

impl Client {
    /// Whether the application has this scope.
    pub fn may(&self, scope: Scope) -> bool {
        self.app.scopes.iter().any(|held| held == scope.name())
    }

    /// Goes on only with this scope.
    pub fn needs(&self, scope: Scope) -> Result<()> {
        if self.may(scope) {
            return Ok(());
        }
        Err(Problem::new(Code::Forbidden)
            .detail(format!("This application has no scope {:?}.", scope.name()))
            .into())
    }

    /// The person's address as counters know it: a whole /64 for IPv6, where one person has many.
    pub fn address_key(&self) -> Vec<u8> {
        match self.address.map(|address| address.to_canonical()) {
            None => Vec::new(),
            Some(IpAddr::V4(address)) => address.octets().to_vec(),
            Some(IpAddr::V6(address)) => address.octets()[..8].to_vec(),
        }
    }

    /// The request's id, for the audit trail.
    pub fn request_id(&self) -> Option<&str> {
        self.request_id.as_deref()
    }

    /// Writes down what was tried and how it ended, and counts it.
    pub async fn audit(
        &self,
        db: impl PgExecutor<'_>,
        what: Attempt,
        result: &str,
        now: OffsetDateTime,
    ) -> Result<()> {
        what.count(result);
        let address = self.address.map(|address| address.to_string());
        let entry = audit::Entry {
            app: self.app.id,
            account: what.account,
            action: what.action,
            factor: what.factor,
            result,
            address: address.as_deref(),
            request_id: self.request_id.as_deref(),
        };
        Ok(audit::append(db, &entry, now).await?)
    }
}

/// What was tried, for the audit trail.
#[derive(Clone, Copy)]
pub struct Attempt {
    /// `login`, `verify`, …
    pub action: &'static str,
    /// With which factor.
    pub factor: Option<&'static str>,
    /// On which account.
    pub account: Option<Uuid>,
}

impl Attempt {
    /// Counts how it ended.
    pub fn count(self, result: &str) {
        metrics::counter!(
            "mfa_attempts_total",
            "action" => self.action,
            "factor" => self.factor.unwrap_or("none"),
            "result" => result.to_owned(),
        )
        .increment(1);
    }
}

async fn identify(parts: &Parts, app: &App) -> Result<apps::App> {
    if let Some(peer) = parts
        .extensions
        .get::<Peer>()
        .filter(|peer| !peer.names.is_empty())
        && let Some(found) = app
            .reads
            .apps
            .ask(Who::Certificate(peer.names.clone()))
            .await?
    {
        return Ok(found);
    }
    let Some(token) = bearer(&parts.headers) else {
        return Err(unknown(
            "Show a client certificate, or a token from POST /oauth/token.",
        ));
    };
    let Ok((id, scopes)) = app.signer.verify_access_token(token, app.now()?) else {
        return Err(unknown(
            "The access token is malformed or has expired. Get a new one.",
        ));
    };
    let Some(mut found) = app.reads.apps.ask(Who::Id(id)).await? else {
        return Err(unknown("This application is disabled."));
    };
    found.scopes.retain(|scope| scopes.contains(scope));
    Ok(found)
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

fn claimed_address(headers: &HeaderMap) -> Result<Option<IpAddr>> {
    let Some(value) = headers.get(CLIENT_ADDRESS) else {
        return Ok(None);
    };
    let address = value
        .to_str()
        .ok()
        .and_then(|text| text.trim().parse().ok());
    address.map(Some).ok_or_else(|| {
        Problem::new(Code::BadRequest)
            .detail("X-Client-Address holds no IP address.")
            .into()
    })
}

fn unknown(detail: &str) -> Error {
    Problem::new(Code::ClientRequired).detail(detail).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(address: &str) -> Vec<u8> {
        let app = apps::App {
            id: Uuid::nil(),
            client_id: String::new(),
            name: String::new(),
            scopes: vec!["accounts".to_owned()],
            policy: crate::policy::Policy::default(),
        };
        let address = Some(address.parse().unwrap());
        Client {
            app,
            address,
            request_id: None,
        }
        .address_key()
    }

    #[test]
    fn rule_13_an_ipv6_network_is_one_address() {
        assert_eq!(key("2001:db8::1"), key("2001:db8::ffff:1"));
        assert_ne!(key("2001:db8::1"), key("2001:db8:0:1::1"));
        assert_eq!(key("::ffff:192.0.2.1"), key("192.0.2.1"));
        assert_ne!(key("192.0.2.1"), key("192.0.2.2"));
    }

    #[test]
    fn bearer_tokens() {
        let header = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::AUTHORIZATION, value.parse().unwrap());
            bearer(&headers).map(str::to_owned)
        };
        assert_eq!(header("Bearer abc").as_deref(), Some("abc"));
        assert_eq!(header("bearer abc").as_deref(), Some("abc"));
        assert_eq!(header("Basic abc"), None);
        assert_eq!(header("abc"), None);
    }
}
