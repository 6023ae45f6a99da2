//! What a socket keeps of the request that opened it, for as long as it lives.

use axum::{
    extract::{OriginalUri, Request},
    middleware::Next,
    response::Response,
};
use http::{HeaderValue, Uri, request::Parts};

/// Gives a request a head of its own.
///
/// As hyper reads it, every header and the path are slices of the buffer of 8 KiB that the
/// connection was read into. The libraries below keep the head while the socket is open, and with
/// it the whole buffer.
pub async fn own(request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    detach(&mut parts);
    next.run(Request::from_parts(parts, body)).await
}

fn detach(parts: &mut Parts) {
    parts.extensions.remove::<OriginalUri>();
    if let Ok(uri) = Uri::try_from(parts.uri.to_string()) {
        parts.uri = uri;
    }
    for value in parts.headers.values_mut() {
        if let Ok(mut own) = HeaderValue::from_bytes(value.as_bytes()) {
            own.set_sensitive(value.is_sensitive());
            *value = own;
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::body::{Body, Bytes};
    use http::header;

    use super::*;

    #[test]
    fn nothing_of_a_head_leads_to_what_was_read() {
        let read = Bytes::from(b"/socket.io/?EIO=4&transport=websocket|a=b; c=d".to_vec());
        let bar = read.iter().position(|byte| *byte == b'|').unwrap();
        let uri = Uri::from_maybe_shared(read.slice(..bar)).unwrap();
        let mut cookie = HeaderValue::from_maybe_shared(read.slice(bar + 1..)).unwrap();
        cookie.set_sensitive(true);
        let request = Request::builder()
            .uri(uri.clone())
            .header(header::COOKIE, cookie)
            .extension(OriginalUri(uri.clone()))
            .body(Body::empty())
            .unwrap();
        let (mut parts, _) = request.into_parts();
        let before = parts.headers.clone();
        assert!(!read.is_unique());
        detach(&mut parts);
        assert_eq!((&parts.uri, &parts.headers), (&uri, &before));
        assert!(parts.headers[header::COOKIE].is_sensitive());
        drop((uri, before));
        assert!(read.is_unique());
    }
}
