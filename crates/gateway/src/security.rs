//! The security headers of every reply: what a page of ours may load, run and reveal.

use anyhow::Context;
use http::{HeaderMap, HeaderName, HeaderValue};

use crate::Origin;

/// The headers, ready to be copied into replies.
pub(crate) struct SecurityHeaders(HeaderMap);

impl SecurityHeaders {
    /// `import_map` is the source expression of the page's own, the one inline script;
    /// `development` loosens the content policy for a development server's inline scripts.
    pub(crate) fn new(
        public: &Origin,
        import_map: Option<&str>,
        development: bool,
    ) -> anyhow::Result<Self> {
        let policy = if development {
            development_policy()
        } else {
            policy(public, import_map)
        };
        let mut headers = HeaderMap::new();
        let policy = HeaderValue::from_str(&policy).context("PUBLIC_URL")?;
        headers.insert("content-security-policy", policy);
        for (name, value) in [
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
            ("permissions-policy", PERMISSIONS),
            ("referrer-policy", "no-referrer"),
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
        ] {
            headers.insert(
                HeaderName::from_static(name),
                HeaderValue::from_static(value),
            );
        }
        // On localhost it would force HTTPS on every other project of a developer.
        if public.host() != "localhost" && !development {
            headers.insert(
                "strict-transport-security",
                HeaderValue::from_static("max-age=63072000; includeSubDomains"),
            );
        }
        Ok(Self(headers))
    }

    /// Writes them over whatever an upstream says.
    pub(crate) fn write(&self, headers: &mut HeaderMap) {
        headers.reserve(self.0.len());
        for (name, value) in &self.0 {
            headers.insert(name, value.clone());
        }
        headers.remove(http::header::SERVER);
    }
}

/// The camera is for QR codes: linking a device, comparing safety numbers. The browser asks the
/// person all the same.
const PERMISSIONS: &str = "accelerometer=(), camera=(self), display-capture=(), geolocation=(), \
                           gyroscope=(), magnetometer=(), microphone=(), midi=(), payment=(), usb=()";

/// Nothing but what our own build needs. `wasm-unsafe-eval` compiles WebAssembly and nothing else;
/// the one Trusted Types policy is for the URLs of workers, which run from blobs: the page holds
/// their scripts against their hashes, which browsers do not.
fn policy(public: &Origin, import_map: Option<&str>) -> String {
    // 'self' does not cover WebSockets in every Safari that is around.
    let socket = public.authority();
    let import_map = import_map.map_or_else(String::new, |hash| format!(" {hash}"));
    format!(
        "default-src 'none'; \
         script-src 'self' 'wasm-unsafe-eval'{import_map}; \
         worker-src 'self' blob:; \
         connect-src 'self' wss://{socket}; \
         img-src 'self' data: blob:; \
         style-src 'self'; \
         font-src 'self'; \
         manifest-src 'self'; \
         media-src 'self' blob:; \
         form-action 'self'; \
         base-uri 'none'; \
         frame-ancestors 'none'; \
         require-trusted-types-for 'script'; \
         trusted-types snug-worker"
    )
}

fn development_policy() -> String {
    "default-src 'self'; \
     script-src 'self' 'unsafe-inline' 'wasm-unsafe-eval'; \
     style-src 'self' 'unsafe-inline'; \
     connect-src 'self' wss: ws:; \
     img-src 'self' data: blob:; \
     media-src 'self' blob:; \
     frame-ancestors 'none'; \
     base-uri 'none'"
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_policy_is_strict_and_names_our_sockets() {
        let public: Origin = "https://chat.example.org:8443".parse().unwrap();
        let headers = SecurityHeaders::new(&public, None, false).unwrap().0;
        let policy = headers["content-security-policy"].to_str().unwrap();
        assert!(
            policy.contains("connect-src 'self' wss://chat.example.org:8443;"),
            "{policy}"
        );
        assert!(policy.contains("script-src 'self' 'wasm-unsafe-eval'; worker-src 'self' blob:;"));
        assert!(!policy.contains("unsafe-inline") && !policy.contains("'unsafe-eval'"));
        assert!(policy.contains("require-trusted-types-for 'script'"));
        assert!(headers.contains_key("strict-transport-security"));
    }

    #[test]
    fn the_import_map_is_allowed_by_its_hash_alone() {
        let public: Origin = "https://chat.example.org".parse().unwrap();
        let headers = SecurityHeaders::new(&public, Some("'sha256-AA='"), false).unwrap();
        let policy = headers.0["content-security-policy"].to_str().unwrap();
        assert!(policy.contains("script-src 'self' 'wasm-unsafe-eval' 'sha256-AA='; worker-src"));
        assert!(!policy.contains("unsafe-inline") && !policy.contains("unsafe-hashes"));
    }

    #[test]
    fn the_camera_is_for_our_own_pages_and_nothing_else_is_allowed() {
        let public: Origin = "https://chat.example.org".parse().unwrap();
        let headers = SecurityHeaders::new(&public, None, false).unwrap().0;
        let policy = headers["permissions-policy"].to_str().unwrap();
        let allowed: Vec<_> = policy
            .split(", ")
            .filter(|one| !one.ends_with("=()"))
            .collect();
        assert_eq!(allowed, ["camera=(self)"]);
        assert!(policy.contains("microphone=()") && policy.contains("geolocation=()"));
    }

    #[test]
    fn localhost_is_not_pinned_to_https() {
        let public: Origin = "https://localhost:8443".parse().unwrap();
        let headers = SecurityHeaders::new(&public, None, false).unwrap().0;
        assert!(!headers.contains_key("strict-transport-security"));
    }
}
