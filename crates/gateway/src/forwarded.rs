//! Whose address a request has behind proxies.

use std::net::IpAddr;

use http::{HeaderMap, HeaderValue};

/// The last address of X-Forwarded-For that is no proxy of ours: what stands before it was written
/// by strangers. The peer's own where none stands there.
pub(crate) fn nearest(
    peer: IpAddr,
    headers: &HeaderMap,
    is_trusted: impl Fn(IpAddr) -> bool,
) -> IpAddr {
    if !is_trusted(peer) {
        return peer;
    }
    let lines = headers.get_all("x-forwarded-for").iter();
    // As bytes: a stranger's that are no text must not hide what a proxy wrote behind them.
    let lines: Vec<&[u8]> = lines.map(HeaderValue::as_bytes).collect();
    let hops = lines
        .iter()
        .flat_map(|line| line.split(|byte| *byte == b','));
    let mut nearest = peer;
    for hop in hops.rev() {
        let Some(hop) = address(hop) else {
            break;
        };
        nearest = hop;
        if !is_trusted(nearest) {
            break;
        }
    }
    nearest
}

fn address(hop: &[u8]) -> Option<IpAddr> {
    let text = str::from_utf8(hop.trim_ascii()).ok()?;
    text.parse()
        .ok()
        .map(|address: IpAddr| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_text_hides_nobody() {
        let proxy: IpAddr = [10, 0, 0, 1].into();
        let mut headers = HeaderMap::new();
        headers.append("x-forwarded-for", HeaderValue::from_static("6.6.6.6"));
        let line = HeaderValue::from_bytes(b"\xff, 1.2.3.4").unwrap();
        headers.append("x-forwarded-for", line);
        let found = nearest(proxy, &headers, |address| address == proxy);
        assert_eq!(found, IpAddr::from([1, 2, 3, 4]));
        headers.append("x-forwarded-for", HeaderValue::from_bytes(b"\xff").unwrap());
        let found = nearest(proxy, &headers, |address| address == proxy);
        assert_eq!(found, proxy);
    }
}
