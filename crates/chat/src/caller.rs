//! Who calls: the address of the person's own machine, the request's id, the browser.

use std::net::{IpAddr, Ipv4Addr};

use axum::extract::FromRequestParts;
use http::{HeaderMap, header, request::Parts};
use service::{Peer, RequestId};

/// The caller of a request or the opener of a socket.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The address of the person's own machine, as the gateway saw it.
    pub address: IpAddr,
    /// The request's id.
    pub request_id: String,
    /// The browser or program, as it names itself, at most 200 characters of it.
    pub user_agent: Option<String>,
}

impl Caller {
    /// The server itself, in what nobody asked for just now.
    pub fn server() -> Self {
        Self {
            address: IpAddr::V4(Ipv4Addr::UNSPECIFIED),
            request_id: uuid::Uuid::now_v7().to_string(),
            user_agent: None,
        }
    }

    /// Reads what the gateway and our layers put into a request.
    ///
    /// `X-Forwarded-For` is trusted: only the gateway's certificate gets in, and it overwrites
    /// the header.
    pub fn of(parts: &Parts) -> Self {
        let peer = parts.extensions.get::<Peer>().map(|peer| peer.address.ip());
        let unknown = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
        Self {
            address: forwarded(&parts.headers).or(peer).unwrap_or(unknown),
            request_id: parts
                .extensions
                .get::<RequestId>()
                .map_or_else(String::new, |id| id.0.clone()),
            user_agent: parts
                .headers
                .get(header::USER_AGENT)
                .and_then(|value| value.to_str().ok())
                .map(|text| text.chars().take(200).collect()),
        }
    }
}

fn forwarded(headers: &HeaderMap) -> Option<IpAddr> {
    let value = headers.get("x-forwarded-for")?.to_str().ok()?;
    value.split(',').next()?.trim().parse().ok()
}

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(Self::of(parts))
    }
}
