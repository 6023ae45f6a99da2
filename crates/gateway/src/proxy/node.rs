//! One chat server: whether it is up, how much it does, and the name that cookies know it by.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};

use http::{HeaderMap, HeaderValue, header, uri::Authority};
use sha2::{Digest, Sha256};
use tokio::sync::Notify;

/// Keeps long polling at one node, since that one holds the session.
const COOKIE: &str = "__Host-node";
/// Bytes of a node's name in the cookie: enough that no two of a few nodes are alike.
const MARK: usize = 9;

/// A server, as the gateway sees it.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) authority: Authority,
    /// Opaque: whoever reads the cookie does not learn the address.
    mark: String,
    up: AtomicBool,
    active: AtomicUsize,
    /// Asks for a look at once.
    pub(super) doubt: Notify,
}

impl Node {
    /// `secret` keeps the address from being guessed by the cookie. Gateways with the same secret
    /// give the same cookies.
    pub(super) fn new(authority: Authority, secret: &[u8]) -> Self {
        let inner = Sha256::new_with_prefix(secret).finalize();
        let mut hash = Sha256::new_with_prefix(b"snug node\0");
        hash.update(inner);
        hash.update(authority.as_str());
        let mark = hash.finalize()[..MARK]
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        Self {
            authority,
            mark,
            // Believed in until it disappoints.
            up: AtomicBool::new(true),
            active: AtomicUsize::new(0),
            doubt: Notify::new(),
        }
    }

    pub(super) fn is_up(&self) -> bool {
        self.up.load(Ordering::Relaxed)
    }

    /// Notes whether it answers; says so once when that changes.
    pub(super) fn set_up(&self, up: bool) {
        if self.up.swap(up, Ordering::Relaxed) == up {
            return;
        }
        let node = self.authority.as_str();
        if up {
            tracing::info!(node, "a chat server is back");
        } else {
            tracing::warn!(node, "a chat server does not answer; it is passed over");
            metrics::counter!("gateway_upstream_ejections_total", "node" => node.to_owned())
                .increment(1);
        }
    }

    /// Requests and sockets that it has at the moment.
    pub(super) fn active(&self) -> usize {
        self.active.load(Ordering::Relaxed)
    }

    /// Counts one until the value goes.
    pub(super) fn occupy(self: &Arc<Self>) -> Busy {
        self.active.fetch_add(1, Ordering::Relaxed);
        Busy(self.clone())
    }

    /// The cookie that leads back here.
    pub(super) fn cookie(&self) -> Option<HeaderValue> {
        let mark = &self.mark;
        let text = format!("{COOKIE}={mark}; Path=/; Secure; HttpOnly; SameSite=Strict");
        HeaderValue::from_str(&text).ok()
    }

    /// Whether a request's cookie leads here.
    pub(super) fn is_named_by(&self, headers: &HeaderMap) -> bool {
        headers
            .get_all(header::COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(';'))
            .filter_map(|pair| pair.trim().strip_prefix(COOKIE)?.strip_prefix('='))
            .any(|mark| mark == self.mark)
    }
}

/// A place in a node's count.
#[derive(Debug)]
pub(super) struct Busy(Arc<Node>);

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.active.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(address: &str, secret: &[u8]) -> Arc<Node> {
        Arc::new(Node::new(address.parse().unwrap(), secret))
    }

    #[test]
    fn a_cookie_leads_to_its_node_and_says_nothing_else() {
        let (one, two) = (node("10.0.0.1:5000", b"k"), node("10.0.0.2:5000", b"k"));
        let cookie = one.cookie().unwrap();
        let text = cookie.to_str().unwrap();
        assert!(text.starts_with("__Host-node="), "{text}");
        for attribute in ["Path=/", "Secure", "HttpOnly", "SameSite=Strict"] {
            assert!(text.contains(attribute), "{text}");
        }
        assert!(!text.contains("10.0"), "{text}");
        let pair = text.split(';').next().unwrap();
        let sent = format!("a=1; {pair}; b=2").parse().unwrap();
        let headers = HeaderMap::from_iter([(header::COOKIE, sent)]);
        assert!(one.is_named_by(&headers) && !two.is_named_by(&headers));
        assert!(node("10.0.0.1:5000", b"k").is_named_by(&headers));
        assert!(!node("10.0.0.1:5000", b"other").is_named_by(&headers));
    }

    #[test]
    fn what_a_node_does_is_counted_until_it_ends() {
        let node = node("one:1", b"");
        let (one, two) = (node.occupy(), node.occupy());
        assert_eq!(node.active(), 2);
        drop(one);
        assert_eq!(node.active(), 1);
        drop(two);
        assert_eq!(node.active(), 0);
    }
}
