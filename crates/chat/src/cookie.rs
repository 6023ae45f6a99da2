//! Cookies: bound to this very host and to HTTPS, out of reach for scripts and other sites.

use http::{HeaderMap, HeaderValue, header};

/// The cookies of a request that are named and not empty.
pub fn all(headers: &HeaderMap) -> impl Iterator<Item = (&str, &str)> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .filter(|(_, value)| !value.is_empty())
}

/// A `Set-Cookie` for as many seconds; an empty value and no second take the cookie away.
pub fn set(name: &str, value: &str, seconds: i64) -> Option<HeaderValue> {
    let text =
        format!("{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; Secure; SameSite=Strict");
    let mut value = HeaderValue::from_str(&text).ok()?;
    value.set_sensitive(true);
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_is_out_of_reach_for_scripts_and_other_sites() {
        let value = set("__Host-session", "abc", 60).unwrap();
        let text = value.to_str().unwrap();
        for part in [
            "__Host-session=abc",
            "Path=/",
            "HttpOnly",
            "Secure",
            "SameSite=Strict",
        ] {
            assert!(text.contains(part), "{text}");
        }
        assert!(value.is_sensitive());
    }

    #[test]
    fn cookies_of_all_headers_count() {
        let headers = HeaderMap::from_iter([
            (header::COOKIE, HeaderValue::from_static("a=1; b=; c")),
            (header::COOKIE, HeaderValue::from_static("d=2=3")),
        ]);
        let found: Vec<_> = all(&headers).collect();
        assert_eq!(found, [("a", "1"), ("d", "2=3")]);
    }
}
