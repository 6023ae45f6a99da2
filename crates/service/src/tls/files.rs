//! Where certificates and keys lie: the same five variables for every server.

use std::path::{Path, PathBuf};

use anyhow::Context;

/// Paths of PEM files. `TLS_*` is what a server shows, `CLIENT_*` what it shows to other servers.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct Files {
    /// Certificate chain that this server shows, PEM
    #[arg(long, env = "TLS_CERT", value_name = "FILE")]
    pub tls_cert: Option<PathBuf>,
    /// Private key of TLS_CERT, PEM
    #[arg(long, env = "TLS_KEY", value_name = "FILE")]
    pub tls_key: Option<PathBuf>,
    /// Private CA that issues the certificates of our servers, PEM
    #[arg(long, env = "CA_CERT", value_name = "FILE")]
    pub ca_cert: Option<PathBuf>,
    /// Certificate shown to other servers of ours [default: TLS_CERT]
    #[arg(long, env = "CLIENT_CERT", value_name = "FILE")]
    pub client_cert: Option<PathBuf>,
    /// Private key of CLIENT_CERT [default: TLS_KEY]
    #[arg(long, env = "CLIENT_KEY", value_name = "FILE")]
    pub client_key: Option<PathBuf>,
}

impl Files {
    /// The server's certificate and key.
    pub(super) fn server(&self) -> anyhow::Result<(&Path, &Path)> {
        Ok((
            needed("TLS_CERT", &self.tls_cert)?,
            needed("TLS_KEY", &self.tls_key)?,
        ))
    }

    /// The certificate and key for other servers of ours.
    pub(super) fn client(&self) -> anyhow::Result<(&Path, &Path)> {
        match (filled(&self.client_cert), filled(&self.client_key)) {
            (None, None) => self.server(),
            _ => Ok((
                needed("CLIENT_CERT", &self.client_cert)?,
                needed("CLIENT_KEY", &self.client_key)?,
            )),
        }
    }

    /// The private CA.
    pub(super) fn ca(&self) -> anyhow::Result<&Path> {
        needed("CA_CERT", &self.ca_cert)
    }
}

/// An empty variable is one that is not set: compose files pass those on.
fn filled(path: &Option<PathBuf>) -> Option<&Path> {
    path.as_deref().filter(|path| !path.as_os_str().is_empty())
}

fn needed<'a>(name: &str, path: &'a Option<PathBuf>) -> anyhow::Result<&'a Path> {
    filled(path).with_context(|| format!("{name} is not set; it names a PEM file"))
}
