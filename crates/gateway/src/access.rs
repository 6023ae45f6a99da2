//! Who may connect, and whose address a request has.

use std::net::IpAddr;

use axum::{
    extract::Request,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, Method};
use protocol::Code;
use service::{Peer, Problem};

use crate::{Config, Networks, app::App, forwarded::nearest};

/// The address of the person's machine, an extension of every request: the connection's, or what a
/// trusted proxy says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Client(pub(crate) IpAddr);

/// The lists of networks.
pub(crate) struct Access {
    plain: bool,
    trusted: Networks,
    allow: Networks,
    deny: Networks,
}

impl Access {
    pub(crate) fn new(config: &Config) -> Self {
        Self {
            plain: !config.use_ssl,
            trusted: config.trusted_proxies.clone(),
            allow: config.allow_ips.clone(),
            deny: config.deny_ips.clone(),
        }
    }

    /// The client's address, or `None` when it may not connect.
    fn admit(&self, peer: IpAddr, headers: &HeaderMap) -> Option<Client> {
        let peer = peer.to_canonical();
        // Plain HTTP is for the proxy that ends TLS alone.
        if self.plain && !self.trusted.contains(peer) {
            return None;
        }
        let client = nearest(peer, headers, |address| self.trusted.contains(address));
        let allowed = self.allow.is_empty() || self.allow.contains(client);
        (allowed && !self.deny.contains(client)).then_some(Client(client))
    }
}

/// The answer to who may not connect; all others' requests get their [`Client`].
pub(crate) fn refuse(app: &App, request: &mut Request) -> Option<Response> {
    let Some(peer) = request
        .extensions()
        .get::<Peer>()
        .map(|peer| peer.address.ip())
    else {
        return Some(Problem::new(Code::Internal).into_response());
    };
    if matches!(*request.method(), Method::TRACE | Method::CONNECT) {
        return Some(Problem::new(Code::MethodNotAllowed).into_response());
    }
    let Some(client) = app.access.admit(peer, request.headers()) else {
        let problem =
            Problem::new(Code::Forbidden).detail("Connections from your network are not allowed.");
        return Some(problem.into_response());
    };
    request.extensions_mut().insert(client);
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn access(plain: bool, trusted: &str, allow: &str, deny: &str) -> Access {
        let [trusted, allow, deny] = [trusted, allow, deny].map(|list| list.parse().unwrap());
        Access {
            plain,
            trusted,
            allow,
            deny,
        }
    }

    fn admit(access: &Access, peer: &str, forwarded: &str) -> Option<String> {
        let mut headers = HeaderMap::new();
        if !forwarded.is_empty() {
            headers.insert("x-forwarded-for", forwarded.parse().unwrap());
        }
        access
            .admit(peer.parse().unwrap(), &headers)
            .map(|client| client.0.to_string())
    }

    #[test]
    fn only_trusted_proxies_speak_for_others() {
        let direct = access(false, "", "", "");
        assert_eq!(
            admit(&direct, "1.2.3.4", "9.9.9.9").as_deref(),
            Some("1.2.3.4")
        );
        let behind = access(true, "10.0.0.0/8", "", "");
        assert_eq!(
            admit(&behind, "10.0.0.1", "1.2.3.4").as_deref(),
            Some("1.2.3.4")
        );
        let forged = "6.6.6.6, 1.2.3.4, 10.0.0.2";
        assert_eq!(
            admit(&behind, "10.0.0.1", forged).as_deref(),
            Some("1.2.3.4")
        );
        assert_eq!(
            admit(&behind, "10.0.0.1", "garbage").as_deref(),
            Some("10.0.0.1")
        );
        assert_eq!(admit(&behind, "1.2.3.4", ""), None);
    }

    #[test]
    fn lists_apply_to_the_client() {
        let lists = access(false, "10.0.0.1", "192.168.0.0/16", "192.168.7.0/24");
        assert!(admit(&lists, "192.168.1.1", "").is_some());
        assert!(admit(&lists, "::ffff:192.168.1.1", "").is_some());
        assert!(admit(&lists, "192.168.7.1", "").is_none());
        assert!(admit(&lists, "1.2.3.4", "").is_none());
        assert!(admit(&lists, "10.0.0.1", "192.168.7.1").is_none());
        assert!(admit(&lists, "10.0.0.1", "192.168.1.1").is_some());
    }
}
