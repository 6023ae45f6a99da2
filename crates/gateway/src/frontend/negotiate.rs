//! What a client says it takes.

use http::{HeaderMap, header};

/// A content coding that we have.
#[derive(Clone, Copy, Debug)]
pub(super) enum Encoding {
    Brotli,
    Gzip,
}

/// Whether `Accept-Encoding` names the coding and does not rule it out (`q=0`).
pub(super) fn accepted(headers: &HeaderMap, encoding: Encoding) -> bool {
    let wanted = match encoding {
        Encoding::Brotli => "br",
        Encoding::Gzip => "gzip",
    };
    items(headers, header::ACCEPT_ENCODING).any(|item| {
        let mut parts = item.split(';').map(str::trim);
        let named = parts
            .next()
            .is_some_and(|name| name.eq_ignore_ascii_case(wanted));
        named && !parts.any(|part| matches!(part, "q=0" | "q=0.0" | "q=0.00" | "q=0.000"))
    })
}

/// Whether a person opens a page: browsers ask for HTML by name then, scripts do not.
pub(super) fn accepts_html(headers: &HeaderMap) -> bool {
    items(headers, header::ACCEPT).any(|item| {
        item.split(';')
            .next()
            .is_some_and(|kind| kind.trim() == "text/html")
    })
}

fn items(headers: &HeaderMap, name: header::HeaderName) -> impl Iterator<Item = &str> {
    headers
        .get_all(name)
        .into_iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codings_with_and_without_weights() {
        let accepts = |text: &str, encoding| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_ENCODING, text.parse().unwrap());
            accepted(&headers, encoding)
        };
        assert!(accepts("gzip, deflate, br", Encoding::Brotli));
        assert!(accepts("gzip;q=0.5,BR", Encoding::Brotli));
        assert!(!accepts("gzip, br;q=0", Encoding::Brotli));
        assert!(!accepts("brotli", Encoding::Brotli));
        assert!(accepts("gzip;q=1.0, identity; q=0.5", Encoding::Gzip));
    }
}
