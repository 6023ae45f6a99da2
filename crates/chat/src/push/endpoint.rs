//! Which endpoints are pushed to: those of known push services, never an address of our own
//! network, whatever a name resolves to.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use protocol::{Code, Problem, limits};
use reqwest::{Url, dns};
use sha2::{Digest, Sha256};

use crate::error::Result;

/// The push services of the browsers.
const KNOWN: [&str; 5] = [
    "fcm.googleapis.com",
    "push.services.mozilla.com",
    "notify.windows.com",
    "push.apple.com",
    "wns.windows.com",
];

/// An endpoint that may be pushed to.
///
/// # Errors
/// 422 `invalid-body`.
pub fn check(endpoint: &str, hosts: &[String]) -> Result<Url> {
    let refused = || {
        Problem::new(Code::InvalidBody).field(
            "endpoint",
            "unknown-service",
            "This is no endpoint of a push service that this server knows.",
        )
    };
    let url: Url = endpoint.parse().map_err(|_| refused())?;
    let host = url.domain().map(str::to_ascii_lowercase);
    let known = host.is_some_and(|host| {
        let own = hosts.iter().map(|own| own.trim().to_ascii_lowercase());
        KNOWN
            .iter()
            .map(|known| (*known).to_owned())
            .chain(own.filter(|own| !own.is_empty()))
            .any(|known| host == known || host.ends_with(&format!(".{known}")))
    });
    let plain = url.username().is_empty() && url.password().is_none() && url.port().is_none();
    if endpoint.len() <= limits::PUSH_ENDPOINT && url.scheme() == "https" && known && plain {
        Ok(url)
    } else {
        Err(refused().into())
    }
}

/// What names an endpoint in the database.
pub fn hash(endpoint: &str) -> Vec<u8> {
    Sha256::digest(endpoint.as_bytes()).to_vec()
}

/// Resolves names to addresses of the internet alone.
pub struct PublicOnly;

impl dns::Resolve for PublicOnly {
    fn resolve(&self, name: dns::Name) -> dns::Resolving {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let public: Vec<SocketAddr> = found.filter(|one| is_public(one.ip())).collect();
            let public: dns::Addrs = Box::new(public.into_iter());
            Ok(public)
        })
    }
}

/// Whether an address is one of the internet (RFC 6890).
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => is_public_v4(v4),
        IpAddr::V6(v6) => match v6.to_ipv4() {
            // Mapped and compatible addresses lead to the same place.
            Some(v4) => is_public_v4(v4),
            None => is_public_v6(v6),
        },
    }
}

fn is_public_v4(v4: Ipv4Addr) -> bool {
    let [a, b, c, _] = v4.octets();
    !(v4.is_private()
        || v4.is_loopback()
        || v4.is_link_local()
        || v4.is_broadcast()
        || v4.is_documentation()
        || a == 0
        || a >= 224
        || (a == 100 && (64..128).contains(&b))
        || (a == 192 && b == 0 && c == 0)
        || (a == 198 && (18..20).contains(&b)))
}

fn is_public_v6(v6: Ipv6Addr) -> bool {
    let first = v6.segments()[0];
    // Global unicast, without documentation, 6to4, Teredo and benchmarks.
    (0x2000..0x4000).contains(&first)
        && first != 0x2002
        && !(first == 0x2001 && (v6.segments()[1] < 0x200 || v6.segments()[1] == 0xdb8))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_push_services_are_pushed_to() {
        let hosts = ["push.example.org".to_owned(), String::new()];
        let taken = |endpoint: &str| check(endpoint, &hosts).is_ok();
        for endpoint in [
            "https://fcm.googleapis.com/fcm/send/abc",
            "https://updates.push.services.mozilla.com/wpush/v2/abc",
            "https://web.push.apple.com/abc",
            "https://PUSH.example.org/x",
        ] {
            assert!(taken(endpoint), "{endpoint}");
        }
        for endpoint in [
            "http://fcm.googleapis.com/x",
            "https://fcm.googleapis.com:8443/x",
            "https://me:you@fcm.googleapis.com/x",
            "https://fcm.googleapis.com.example.org/x",
            "https://evilfcm.googleapis.com.org/x",
            "https://notpush.example.org/x",
            "https://127.0.0.1/x",
            "https://[::1]/x",
            "https://localhost/x",
            "fcm.googleapis.com",
            "",
        ] {
            assert!(!taken(endpoint), "{endpoint}");
        }
        let long = format!(
            "https://fcm.googleapis.com/{}",
            "x".repeat(limits::PUSH_ENDPOINT)
        );
        assert!(!taken(&long));
    }

    #[test]
    fn addresses_of_our_own_network_are_not_public() {
        for address in [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "0.0.0.0",
            "100.64.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "::1",
            "::",
            "fe80::1",
            "fd00::1",
            "ff02::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "2001:db8::1",
            "2002:7f00:1::",
        ] {
            assert!(!is_public(address.parse().unwrap()), "{address}");
        }
        for address in ["8.8.8.8", "2a00:1450:4001::1", "::ffff:8.8.8.8"] {
            assert!(is_public(address.parse().unwrap()), "{address}");
        }
    }
}
