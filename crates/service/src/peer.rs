//! Who is at the other end of a connection.

use std::{net::SocketAddr, sync::Arc};

use rustls::pki_types::CertificateDer;
use x509_parser::extensions::GeneralName;

/// The peer of a connection, an extension of every request.
#[derive(Clone, Debug)]
pub struct Peer {
    /// The address of the connection: behind a gateway, the gateway's.
    pub address: SocketAddr,
    /// DNS and URI names of the client certificate, verified against `CA_CERT`; empty without one.
    pub names: Arc<[String]>,
}

impl Peer {
    /// Whether the peer proved one of these names by its certificate.
    pub fn is_one_of<S: AsRef<str>>(&self, allowed: &[S]) -> bool {
        self.names
            .iter()
            .any(|name| allowed.iter().any(|one| one.as_ref() == name))
    }
}

/// The DNS and URI names of a certificate chain's first certificate.
pub(crate) fn names(chain: Option<&[CertificateDer<'_>]>) -> Arc<[String]> {
    let Some(leaf) = chain.and_then(<[_]>::first) else {
        return Arc::new([]);
    };
    let Ok((_, certificate)) = x509_parser::parse_x509_certificate(leaf) else {
        return Arc::new([]);
    };
    let Ok(Some(alternatives)) = certificate.subject_alternative_name() else {
        return Arc::new([]);
    };
    alternatives
        .value
        .general_names
        .iter()
        .filter_map(|name| match name {
            GeneralName::DNSName(name) | GeneralName::URI(name) => Some((*name).to_owned()),
            _ => None,
        })
        .collect()
}
