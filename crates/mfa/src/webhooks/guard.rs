//! Where events may go: an endpoint's URL is somebody else's words, and must not reach what only
//! this machine can reach.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use reqwest::{
    Url,
    dns::{Addrs, Name, Resolve, Resolving},
};

/// Looks names up and drops the addresses that events must not go to. What it returns is what is
/// dialled: a name cannot change its mind in between.
pub struct Guard {
    /// Whether all addresses are allowed.
    pub private: bool,
}

impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let private = self.private;
        Box::pin(async move {
            let allowed: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0))
                .await?
                .filter(|address| private || is_public(address.ip()))
                .collect();
            if allowed.is_empty() {
                return Err("the name stands for no public address".into());
            }
            let addresses: Addrs = Box::new(allowed.into_iter());
            Ok(addresses)
        })
    }
}

/// Checks what can be told of a URL before a name is looked up.
pub fn ensure_allowed(url: &Url, private: bool) -> Result<(), String> {
    let fault = |text: &str| Err(text.to_owned());
    match url.scheme() {
        "https" => {}
        "http" if private => {}
        _ => return fault("it has to begin with https://"),
    }
    if !url.username().is_empty() || url.password().is_some() {
        return fault("it must not hold a name or password");
    }
    let Some(host) = url.host_str() else {
        return fault("it has no host");
    };
    // No name is looked up for these.
    match host.trim_matches(['[', ']']).parse::<IpAddr>() {
        Ok(address) if !private && !is_public(address) => {
            fault("its address is private; set WEBHOOK_PRIVATE=true to allow that")
        }
        _ => Ok(()),
    }
}

/// Whether an address is one of the public internet (RFC 6890 and its successors).
pub fn is_public(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    !(address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_multicast()
        || address.is_documentation()
        || a == 0
        || a >= 240
        || (a == 100 && (64..128).contains(&b))
        || (a == 192 && b == 0 && c == 0)
        || (a == 192 && b == 88 && c == 99)
        || (a == 198 && (b == 18 || b == 19)))
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let [a, b, ..] = address.segments();
    // 2000::/3 is what is given out; less documentation, benchmarks, Teredo, ORCHID and 6to4.
    (a & 0xe000) == 0x2000
        && !(a == 0x2001 && (b < 0x0200 || b == 0x0db8))
        && a != 0x2002
        && !(a == 0x3fff && b < 0x1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_public_internet_is_public() {
        for public in ["1.1.1.1", "193.0.6.139", "2606:4700::1111", "2a01:4f8::1"] {
            assert!(is_public(public.parse().unwrap()), "{public}");
        }
        for private in [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "255.255.255.255",
            "224.0.0.1",
            "192.0.2.1",
            "198.18.0.1",
            "::1",
            "::",
            "fe80::1",
            "fd00::1",
            "ff02::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "64:ff9b::a00:1",
            "2002:7f00:1::",
            "2001:db8::1",
        ] {
            assert!(!is_public(private.parse().unwrap()), "{private}");
        }
    }

    #[test]
    fn urls_that_lead_inside_are_refused() {
        let allowed = |url: &str, private| ensure_allowed(&url.parse().unwrap(), private).is_ok();
        assert!(allowed("https://example.org/hook?x=1", false));
        for inside in [
            "http://example.org/",
            "https://127.0.0.1/",
            "https://[::1]/",
            "https://0x7f000001/",
            "https://2130706433/",
            "https://user:secret@example.org/",
            "ftp://example.org/",
        ] {
            assert!(!allowed(inside, false), "{inside}");
        }
        assert!(allowed("http://127.0.0.1:8080/hook", true));
        assert!(!allowed("https://user@127.0.0.1/", true));
    }
}
