//! Headers between two connections: what belongs to one hop stays there, what only the gateway can
//! know is written by it.

use std::net::IpAddr;

use http::{HeaderMap, HeaderName, HeaderValue, header};

/// RFC 9110, section 7.6.1, and what old clients send besides.
const HOP_BY_HOP: [HeaderName; 8] = [
    header::CONNECTION,
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
    header::PROXY_AUTHORIZATION,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
];

/// What a client could use to pass for somebody else.
const OURS: [&str; 9] = [
    "forwarded",
    "x-client-address",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-port",
    "x-forwarded-proto",
    "x-forwarded-server",
    "x-real-ip",
    "x-request-id",
];

/// Makes a client's headers fit for the upstream. `host` is HTTP/2's `:authority`, `id` the request's.
pub(super) fn prepare(
    headers: &mut HeaderMap,
    host: Option<&str>,
    client: IpAddr,
    id: &str,
    websocket: bool,
) {
    strip(headers);
    for name in OURS {
        headers.remove(name);
    }
    if let Some(host) = host.and_then(|host| HeaderValue::from_str(host).ok()) {
        headers.insert(header::HOST, host);
    }
    if let Some(host) = headers.get(header::HOST).cloned() {
        headers.insert("x-forwarded-host", host);
    }
    if let Ok(client) = HeaderValue::from_str(&client.to_string()) {
        headers.insert("x-forwarded-for", client);
    }
    headers.insert("x-forwarded-proto", HeaderValue::from_static("https"));
    if let Ok(id) = HeaderValue::from_str(id) {
        headers.insert("x-request-id", id);
    }
    join_cookies(headers);
    if websocket {
        headers.insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
        headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
    }
}

/// Removes the headers of one hop, those that `Connection` names included.
pub(super) fn strip(headers: &mut HeaderMap) {
    let named: Vec<HeaderName> = headers
        .get_all(header::CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|name| name.trim().parse().ok())
        .collect();
    for name in named.iter().chain(&HOP_BY_HOP) {
        headers.remove(name);
    }
}

/// HTTP/2 clients may split the cookie; HTTP/1.1 knows one line (RFC 9113, section 8.2.3).
fn join_cookies(headers: &mut HeaderMap) {
    let cookies: Vec<HeaderValue> = headers.get_all(header::COOKIE).iter().cloned().collect();
    if cookies.len() < 2 {
        return;
    }
    let parts: Vec<&[u8]> = cookies.iter().map(HeaderValue::as_bytes).collect();
    if let Ok(joined) = HeaderValue::from_bytes(&parts.join(&b"; "[..])) {
        headers.insert(header::COOKIE, joined);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_hop_stays_one_hop_and_nobody_passes_for_another() {
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("connection", "close, X-Secret-Hop"),
            ("x-secret-hop", "1"),
            ("transfer-encoding", "chunked"),
            ("proxy-authorization", "Basic xyz"),
            ("x-forwarded-for", "6.6.6.6"),
            ("x-real-ip", "6.6.6.6"),
            ("x-client-address", "6.6.6.6"),
            ("x-request-id", "mine"),
            ("cookie", "a=1"),
            ("accept", "*/*"),
        ] {
            headers.insert(name, value.parse().unwrap());
        }
        headers.append("cookie", "b=2".parse().unwrap());
        prepare(
            &mut headers,
            Some("chat.example.org"),
            [1, 2, 3, 4].into(),
            "abc",
            false,
        );
        let mut left: Vec<_> = headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.to_str().unwrap()))
            .collect();
        left.sort_unstable();
        assert_eq!(
            left,
            [
                ("accept", "*/*"),
                ("cookie", "a=1; b=2"),
                ("host", "chat.example.org"),
                ("x-forwarded-for", "1.2.3.4"),
                ("x-forwarded-host", "chat.example.org"),
                ("x-forwarded-proto", "https"),
                ("x-request-id", "abc"),
            ]
        );
    }
}
