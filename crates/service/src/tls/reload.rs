//! A certificate and key that are read again when their files change.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock, Weak},
    time::{Duration, SystemTime},
};

use anyhow::Context;
use rustls::{
    client::ResolvesClientCert,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    server::{ClientHello, ResolvesServerCert},
    sign::CertifiedKey,
};

use super::provider;

/// How often the files are looked at.
const PERIOD: Duration = Duration::from_secs(10);

/// The pair in use, for servers and clients alike.
#[derive(Debug)]
pub(super) struct Reloading {
    certificate: PathBuf,
    key: PathBuf,
    current: RwLock<Arc<CertifiedKey>>,
}

impl Reloading {
    /// Reads the pair and, inside a runtime, watches it until nobody holds it any more.
    pub(super) fn start(certificate: &Path, key: &Path) -> anyhow::Result<Arc<Self>> {
        let seen = changed(certificate, key);
        let this = Arc::new(Self {
            certificate: certificate.to_owned(),
            key: key.to_owned(),
            current: RwLock::new(Arc::new(load(certificate, key)?)),
        });
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(watch(Arc::downgrade(&this), seen, PERIOD));
        }
        Ok(this)
    }

    fn current(&self) -> Arc<CertifiedKey> {
        self.current
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

async fn watch(reloading: Weak<Reloading>, mut seen: Stamp, period: Duration) {
    loop {
        tokio::time::sleep(period).await;
        let Some(this) = reloading.upgrade() else {
            return;
        };
        let now = changed(&this.certificate, &this.key);
        if now == seen {
            continue;
        }
        // Both files are written one after the other: a pair that does not match is tried again.
        match load(&this.certificate, &this.key) {
            Ok(fresh) => {
                *this.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(fresh);
                seen = now;
                tracing::info!(file = %this.certificate.display(), "certificate reloaded");
            }
            Err(error) => {
                tracing::warn!(
                    file = %this.certificate.display(),
                    error = format!("{error:#}"),
                    "the changed certificate is not usable; the old one stays"
                );
            }
        }
    }
}

type Stamp = [Option<SystemTime>; 2];

fn changed(certificate: &Path, key: &Path) -> Stamp {
    [certificate, key].map(|path| fs::metadata(path).and_then(|data| data.modified()).ok())
}

fn load(certificate: &Path, key: &Path) -> anyhow::Result<CertifiedKey> {
    let chain = chain(certificate)?;
    let private = PrivateKeyDer::from_pem_file(key).with_context(|| key.display().to_string())?;
    CertifiedKey::from_der(chain, private, &provider()).with_context(|| {
        format!(
            "{} and {} do not belong together",
            certificate.display(),
            key.display()
        )
    })
}

/// The certificates of a PEM file, in order.
pub(super) fn chain(path: &Path) -> anyhow::Result<Vec<CertificateDer<'static>>> {
    let chain: Vec<_> = CertificateDer::pem_file_iter(path)
        .and_then(Iterator::collect)
        .with_context(|| path.display().to_string())?;
    anyhow::ensure!(!chain.is_empty(), "{} holds no certificate", path.display());
    Ok(chain)
}

impl ResolvesServerCert for Reloading {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.current())
    }
}

impl ResolvesClientCert for Reloading {
    fn resolve(
        &self,
        _root_hints: &[&[u8]],
        _schemes: &[rustls::SignatureScheme],
    ) -> Option<Arc<CertifiedKey>> {
        Some(self.current())
    }

    fn has_certs(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(folder: &Path, name: &str) {
        let key = rcgen::KeyPair::generate().unwrap();
        let pem = rcgen::CertificateParams::new(vec![name.to_owned()])
            .unwrap()
            .self_signed(&key)
            .unwrap()
            .pem();
        fs::write(folder.join("a.pem"), pem).unwrap();
        fs::write(folder.join("a.key"), key.serialize_pem()).unwrap();
    }

    #[tokio::test]
    async fn a_changed_certificate_is_taken_and_a_broken_one_is_not() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), "one.example");
        let (certificate, key) = (folder.path().join("a.pem"), folder.path().join("a.key"));
        let reloading = Arc::new(Reloading {
            current: RwLock::new(Arc::new(load(&certificate, &key).unwrap())),
            certificate: certificate.clone(),
            key,
        });
        let first = reloading.current().cert[0].clone();
        let never = [None, None];
        let watcher = tokio::spawn(watch(
            Arc::downgrade(&reloading),
            never,
            Duration::from_millis(5),
        ));

        fs::write(&certificate, "garbage").unwrap();
        tokio::time::sleep(Duration::from_millis(30)).await;
        assert_eq!(reloading.current().cert[0], first);

        write(folder.path(), "two.example");
        tokio::time::timeout(Duration::from_secs(5), async {
            while reloading.current().cert[0] == first {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        })
        .await
        .unwrap();
        drop(reloading);
        watcher.await.unwrap();
    }

    #[test]
    fn a_key_of_another_certificate_is_refused() {
        let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        write(one.path(), "one.example");
        write(two.path(), "two.example");
        let error = load(&one.path().join("a.pem"), &two.path().join("a.key")).unwrap_err();
        assert!(format!("{error:#}").contains("do not belong together"));
    }
}
