//! TLS as browsers speak it.

use std::{path::Path, sync::Arc};

use rustls::{
    ClientConfig,
    client::Resumption,
    crypto::aws_lc_rs::{cipher_suite, default_provider, kx_group},
    version::TLS13,
};

/// AES-128 before AES-256, as browsers have it and rustls has not; X25519, since the OpenSSL of many
/// an nginx knows no ML-KEM; a full handshake every time.
///
/// # Errors
/// When the CA cannot be read.
pub fn tls(ca: &Path) -> anyhow::Result<Arc<ClientConfig>> {
    let mut provider = default_provider();
    provider.kx_groups = vec![kx_group::X25519];
    provider.cipher_suites = vec![
        cipher_suite::TLS13_AES_128_GCM_SHA256,
        cipher_suite::TLS13_AES_256_GCM_SHA384,
    ];
    let mut config = ClientConfig::builder_with_provider(Arc::new(provider))
        .with_protocol_versions(&[&TLS13])?
        .with_root_certificates(service::tls::roots(ca)?)
        .with_no_client_auth();
    config.resumption = Resumption::disabled();
    Ok(Arc::new(config))
}
