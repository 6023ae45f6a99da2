//! TLS 1.2 and 1.3 by rustls and aws-lc-rs, with certificates that are read again when they change.

mod files;
mod reload;

use std::{path::Path, sync::Arc};

use anyhow::Context;
pub use files::Files;
use rustls::{
    CipherSuite, ClientConfig, RootCertStore, ServerConfig, crypto::CryptoProvider,
    server::WebPkiClientVerifier,
};

/// Whether clients of a server show a certificate of the private CA.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientAuth {
    /// Never asked for: browsers.
    None,
    /// Asked for, and verified when shown.
    Optional,
    /// No connection without one.
    Required,
}

/// What a server offers by ALPN.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Http {
    /// HTTP/1.1 only: where WebSockets are tunnelled.
    One,
    /// HTTP/2 and HTTP/1.1.
    Two,
}

/// A server's side of TLS. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Server(Arc<ServerConfig>);

impl Server {
    /// The configuration for an acceptor.
    pub fn config(&self) -> Arc<ServerConfig> {
        self.0.clone()
    }
}

/// The cryptography of every TLS connection: aws-lc-rs. Where our side says what it likes best, it
/// is the suite that every implementation has (RFC 8446, section 9.1): its hash is one that processors
/// have instructions for.
pub fn provider() -> Arc<CryptoProvider> {
    let mut provider = rustls::crypto::aws_lc_rs::default_provider();
    let likes = CipherSuite::TLS13_AES_128_GCM_SHA256;
    provider
        .cipher_suites
        .sort_by_key(|suite| suite.suite() != likes);
    Arc::new(provider)
}

/// The side of a server: `TLS_CERT` and `TLS_KEY`, and `CA_CERT` when clients are verified.
///
/// Inside a tokio runtime the certificate is read again when its files change.
///
/// # Errors
/// Names the variable and the file that is missing or wrong.
pub fn server_config(files: &Files, auth: ClientAuth, http: Http) -> anyhow::Result<Server> {
    let builder = ServerConfig::builder_with_provider(provider())
        .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])?;
    let builder = match auth {
        ClientAuth::None => builder.with_no_client_auth(),
        ClientAuth::Optional | ClientAuth::Required => {
            let roots = roots(files.ca()?)?;
            let verifier = WebPkiClientVerifier::builder_with_provider(roots, provider());
            let verifier = match auth {
                ClientAuth::Required => verifier.build(),
                _ => verifier.allow_unauthenticated().build(),
            };
            builder.with_client_cert_verifier(verifier.context("CA_CERT")?)
        }
    };
    let (certificate, key) = files.server()?;
    let mut config = builder.with_cert_resolver(reload::Reloading::start(certificate, key)?);
    config.alpn_protocols = match http {
        Http::One => vec![b"http/1.1".to_vec()],
        Http::Two => vec![b"h2".to_vec(), b"http/1.1".to_vec()],
    };
    Ok(Server(Arc::new(config)))
}

/// The side of a client of one of our servers: trusts `CA_CERT` alone and shows `CLIENT_CERT`.
///
/// # Errors
/// Names the variable and the file that is missing or wrong.
pub fn client_config(files: &Files) -> anyhow::Result<ClientConfig> {
    let (certificate, key) = files.client()?;
    let mut config = ClientConfig::builder_with_provider(provider())
        .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])?
        .with_root_certificates(roots(files.ca()?)?)
        .with_client_cert_resolver(reload::Reloading::start(certificate, key)?);
    config.enable_sni = true;
    Ok(config)
}

/// The certificates of a PEM file as trust anchors.
///
/// # Errors
/// When the file cannot be read or holds no certificate.
pub fn roots(path: &Path) -> anyhow::Result<Arc<RootCertStore>> {
    let mut store = RootCertStore::empty();
    for certificate in reload::chain(path)? {
        store
            .add(certificate)
            .with_context(|| path.display().to_string())?;
    }
    Ok(Arc::new(store))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn aes_128_comes_first_and_nothing_is_left_out() {
        let ours = provider().cipher_suites.clone();
        let all = rustls::crypto::aws_lc_rs::default_provider().cipher_suites;
        assert_eq!(ours[0].suite(), CipherSuite::TLS13_AES_128_GCM_SHA256);
        assert_eq!(ours.len(), all.len());
        assert!(all.iter().all(|suite| ours.contains(suite)));
    }
}
