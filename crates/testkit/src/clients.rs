//! Clients that trust the throw-away CA.

use std::sync::Arc;

/// For HTTP, without cookies, and for sockets.
pub fn clients(ca: &std::path::Path) -> (reqwest::Client, Arc<rustls::ClientConfig>) {
    use rustls::pki_types::{CertificateDer, pem::PemObject};
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let mut roots = rustls::RootCertStore::empty();
    roots
        .add(CertificateDer::from_pem_file(ca).unwrap())
        .unwrap();
    let tls = rustls::ClientConfig::builder()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let http = reqwest::Client::builder()
        .tls_backend_preconfigured(tls.clone())
        .build()
        .unwrap();
    (http, Arc::new(tls))
}
