//! What of Engine.IO's requests and replies is looked at: the transport, and whose session it is.

use serde::Deserialize;

/// The first value that a query has for a name, as it is written there.
pub fn value<'a>(query: &'a str, name: &str) -> Option<&'a str> {
    let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    pairs.find(|(key, _)| *key == name).map(|(_, value)| value)
}

/// The session that the reply to a handshake opens.
pub fn opened(reply: &[u8]) -> Option<&str> {
    let json = reply.strip_prefix(b"0")?;
    let opened: Opened<'_> = serde_json::from_slice(json).ok()?;
    Some(opened.sid)
}

/// The parts of a handshake's reply that are asked for.
#[derive(Deserialize)]
struct Opened<'a> {
    #[serde(borrow)]
    sid: &'a str,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_is_found_in_query_and_reply() {
        let query = "EIO=4&sid&transport=polling&sid=AA-_&sid=BB";
        assert_eq!(value(query, "transport"), Some("polling"));
        assert_eq!(value(query, "sid"), Some("AA-_"));
        assert_eq!(value("sid", "sid"), None);
        assert_eq!(opened(br#"0{"sid":"AA-_","upgrades":[]}"#), Some("AA-_"));
        for wrong in [&b""[..], b"0", b"1{\"sid\":\"a\"}", b"0{}", b"0{\"sid\":1}"] {
            assert_eq!(opened(wrong), None);
        }
    }
}
