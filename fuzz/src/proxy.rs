//! Headers at the gateway: whose address a request has behind proxies, and what goes on to the chat
//! server. Both files of the gateway's stand alone.

#[path = "../../crates/gateway/src/forwarded.rs"]
#[allow(dead_code)]
mod forwarded;
#[path = "../../crates/gateway/src/proxy/headers.rs"]
#[allow(dead_code)]
mod headers;

use std::net::{IpAddr, Ipv4Addr};

use http::{HeaderMap, HeaderName, HeaderValue, header};

use crate::Target;

/// A proxy that is trusted, as all of 10.0.0.0/8.
const PROXY: IpAddr = IpAddr::V4(Ipv4Addr::new(10, 0, 0, 1));
/// Who is said to ask, and by which request.
const CLIENT: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 7));
const ID: &str = "0123456789abcdef";

fn is_trusted(address: IpAddr) -> bool {
    matches!(address, IpAddr::V4(address) if address.octets()[0] == 10)
}

/// One byte, odd for a WebSocket; then lines of a header each. Accepted when one says where the
/// request comes from.
pub const PROXY_HEADERS: Target = Target {
    name: "proxy_headers",
    run: |bytes| {
        let Some((kind, lines)) = bytes.split_first() else {
            return false;
        };
        let mut headers = HeaderMap::new();
        for line in lines.split(|byte| *byte == b'\n').take(100) {
            let mut parts = line.splitn(2, |byte| *byte == b':');
            let name = HeaderName::from_bytes(parts.next().unwrap_or_default());
            let value = HeaderValue::from_bytes(parts.next().unwrap_or_default().trim_ascii());
            if let (Ok(name), Ok(value)) = (name, value) {
                headers.append(name, value);
            }
        }
        let forwarded = nearest(&headers);
        prepared(headers, kind % 2 == 1);
        forwarded
    },
    seeds: || {
        let lines = [
            &b"\0x-forwarded-for: 6.6.6.6, 192.0.2.1, 10.0.0.2\nhost: a.example"[..],
            b"\x01x-forwarded-for: ::ffff:10.1.1.1\nX-Forwarded-For: 2001:db8::1\nconnection: upgrade\nupgrade: websocket",
            b"\0x-forwarded-for:10.0.0.9\nconnection: close, x-mine\nx-mine: 1\ncookie: a=1\ncookie: b=2\nx-request-id: mine\nte: trailers",
        ];
        lines.map(<[u8]>::to_vec).to_vec()
    },
};

/// Whether a hop was named.
fn nearest(headers: &HeaderMap) -> bool {
    let found = |peer| forwarded::nearest(peer, headers, is_trusted);
    // A stranger speaks for nobody.
    assert_eq!(found(CLIENT), CLIENT);
    let nearest = found(PROXY);
    let lines = headers.get_all("x-forwarded-for").iter();
    let hops: Vec<Option<IpAddr>> = lines
        .flat_map(|line| line.as_bytes().split(|byte| *byte == b','))
        .map(|hop| str::from_utf8(hop.trim_ascii()).ok()?.parse().ok())
        .map(|hop| hop.map(|hop: IpAddr| hop.to_canonical()))
        .collect();
    // Behind who is taken stand proxies of ours alone, in front of him anything.
    let trusted = |hop: &&Option<IpAddr>| hop.is_some_and(is_trusted);
    let ours = hops.iter().rev().take_while(trusted).count();
    let first = hops.iter().rev().nth(ours).copied().flatten();
    let last = hops.iter().rev().take(ours).next_back().copied().flatten();
    assert_eq!(nearest, first.or(last).unwrap_or(PROXY));
    nearest != PROXY
}

/// What goes on is the gateway's word where nobody else may have one, and belongs to one hop.
fn prepared(mut headers: HeaderMap, websocket: bool) {
    let named: Vec<HeaderName> = headers
        .get_all(header::CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|name| name.trim().parse().ok())
        .collect();
    headers::prepare(&mut headers, Some("chat.example"), CLIENT, ID, websocket);
    let only = |name: &str| {
        let values: Vec<_> = headers
            .get_all(name)
            .iter()
            .map(HeaderValue::as_bytes)
            .collect();
        values
    };
    assert_eq!(only("host"), [b"chat.example"]);
    assert_eq!(only("x-forwarded-host"), [b"chat.example"]);
    assert_eq!(only("x-forwarded-for"), [b"192.0.2.7"]);
    assert_eq!(only("x-forwarded-proto"), [b"https"]);
    assert_eq!(only("x-request-id"), [ID.as_bytes()]);
    assert!(only("cookie").len() <= 1);
    for name in [
        "forwarded",
        "x-client-address",
        "x-real-ip",
        "transfer-encoding",
        "te",
        "trailer",
    ] {
        assert!(!headers.contains_key(name), "{name}");
    }
    let ours = [
        "host",
        "x-forwarded-host",
        "x-forwarded-for",
        "x-forwarded-proto",
        "x-request-id",
        "connection",
        "upgrade",
    ];
    for name in named.iter().filter(|name| !ours.contains(&name.as_str())) {
        assert!(!headers.contains_key(name), "{name}");
    }
    for name in ["connection", "upgrade"] {
        assert_eq!(only(name).len(), usize::from(websocket), "{name}");
    }
    let again = headers.clone();
    headers::prepare(&mut headers, Some("chat.example"), CLIENT, ID, websocket);
    assert_eq!(headers, again);
}
