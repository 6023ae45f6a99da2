//! One file in memory: as it is, by gzip and by brotli.

use std::{fmt::Write as _, fs, io::Write, path::Path, sync::OnceLock};

use anyhow::Context;
use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use sha2::{Digest, Sha256};

use super::negotiate::{Encoding, accepted};

/// Smaller files do not get smaller.
const WORTH_COMPRESSING: usize = 512;

/// A file and its compressed forms.
pub(super) struct Asset {
    plain: Bytes,
    gzip: Option<Bytes>,
    /// Made by [`Asset::squeeze`]; until then gzip serves.
    brotli: OnceLock<Bytes>,
    kind: HeaderValue,
    tag: HeaderValue,
    sha256: [u8; 32],
}

impl Asset {
    pub(super) fn read(path: &Path) -> anyhow::Result<Self> {
        let bytes = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
        Self::new(path, bytes).with_context(|| path.display().to_string())
    }

    fn new(path: &Path, bytes: Vec<u8>) -> anyhow::Result<Self> {
        let plain = Bytes::from(bytes);
        let kind = mime_guess::from_path(path).first_or_octet_stream();
        let text = kind.type_() == "text" || kind.subtype() == "json";
        let kind = if text {
            format!("{kind}; charset=utf-8")
        } else {
            kind.to_string()
        };
        let sha256 = Sha256::digest(&plain).into();
        Ok(Self {
            gzip: if compresses(&kind) {
                smaller(&plain, gzip(&plain)?)
            } else {
                None
            },
            brotli: OnceLock::new(),
            kind: HeaderValue::from_str(&kind)?,
            tag: HeaderValue::from_str(&tag(&sha256))?,
            sha256,
            plain,
        })
    }

    /// The file as it is.
    pub(super) fn plain(&self) -> &[u8] {
        &self.plain
    }

    /// SHA-256 of the file as it is.
    pub(super) const fn sha256(&self) -> &[u8; 32] {
        &self.sha256
    }

    /// Makes the brotli form: slow, once, off the path of requests.
    pub(super) fn squeeze(&self) {
        if self.gzip.is_none() {
            return;
        }
        let mut packed = Vec::new();
        let parameters = brotli::enc::BrotliEncoderParams {
            quality: 11,
            ..Default::default()
        };
        if brotli::BrotliCompress(&mut &*self.plain, &mut packed, &parameters).is_ok()
            && let Some(packed) = smaller(&self.plain, packed)
        {
            let _ = self.brotli.set(packed);
        }
    }

    /// The reply in the best form that the client takes; 304 when it has the file already.
    pub(super) fn reply(&self, request: &HeaderMap) -> Response {
        let (body, encoding) = match (self.brotli.get(), &self.gzip) {
            (Some(brotli), _) if accepted(request, Encoding::Brotli) => (brotli, Some("br")),
            (_, Some(gzip)) if accepted(request, Encoding::Gzip) => (gzip, Some("gzip")),
            _ => (&self.plain, None),
        };
        let known = request
            .get_all(header::IF_NONE_MATCH)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .any(|tag| tag.trim().as_bytes() == self.tag.as_bytes() || tag.trim() == "*");
        let mut response = if known {
            StatusCode::NOT_MODIFIED.into_response()
        } else {
            Body::from(body.clone()).into_response()
        };
        let headers = response.headers_mut();
        if !known {
            headers.insert(header::CONTENT_TYPE, self.kind.clone());
            if let Some(encoding) = encoding {
                headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
            }
        }
        headers.insert(header::ETAG, self.tag.clone());
        if self.gzip.is_some() {
            headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
        }
        response
    }
}

fn compresses(kind: &str) -> bool {
    kind.starts_with("text/")
        || ["javascript", "json", "wasm", "svg", "xml"]
            .iter()
            .any(|part| kind.contains(part))
}

fn gzip(plain: &[u8]) -> anyhow::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::new(6));
    encoder.write_all(plain)?;
    Ok(encoder.finish()?)
}

fn smaller(plain: &[u8], packed: Vec<u8>) -> Option<Bytes> {
    (plain.len() >= WORTH_COMPRESSING && packed.len() < plain.len()).then(|| packed.into())
}

/// A weak tag: all encodings of one content share it.
fn tag(sha256: &[u8; 32]) -> String {
    let mut tag = String::from("W/\"");
    for byte in sha256.iter().take(16) {
        let _ = write!(tag, "{byte:02x}");
    }
    tag.push('"');
    tag
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(asset: &Asset, headers: &[(&'static str, &str)]) -> Response {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.insert(*name, value.parse().unwrap());
        }
        asset.reply(&map)
    }

    #[test]
    fn the_best_form_that_the_client_takes() {
        let text = "the same words over and over ".repeat(100);
        let asset = Asset::new(Path::new("a.js"), text.into_bytes()).unwrap();
        let encoding = |reply: &Response| {
            reply
                .headers()
                .get("content-encoding")
                .map(|value| value.to_str().unwrap().to_owned())
        };
        let browser = [("accept-encoding", "gzip, deflate, br, zstd")];
        assert_eq!(encoding(&ask(&asset, &browser)).as_deref(), Some("gzip"));
        asset.squeeze();
        let reply = ask(&asset, &browser);
        assert_eq!(encoding(&reply).as_deref(), Some("br"));
        assert_eq!(
            reply.headers()["content-type"],
            "text/javascript; charset=utf-8"
        );
        assert_eq!(reply.headers()["vary"], "accept-encoding");
        assert_eq!(encoding(&ask(&asset, &[])), None);

        let tag = reply.headers()["etag"].to_str().unwrap().to_owned();
        assert_eq!(ask(&asset, &[("if-none-match", &tag)]).status(), 304);
        assert_eq!(
            ask(&asset, &[("if-none-match", "W/\"other\"")]).status(),
            200
        );
    }

    #[test]
    fn wasm_has_its_type_and_pictures_are_left_alone() {
        let wasm = Asset::new(Path::new("a.wasm"), vec![0; 2000]).unwrap();
        assert_eq!(wasm.kind, "application/wasm");
        assert!(wasm.gzip.is_some());
        let picture = Asset::new(Path::new("a.png"), vec![0; 2000]).unwrap();
        assert!(picture.gzip.is_none());
    }
}
