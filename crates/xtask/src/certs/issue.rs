//! The CA and what it signs.

use std::{collections::BTreeSet, fs, net::IpAddr, path::Path};

use anyhow::Context;
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa,
    Issuer, KeyPair, KeyUsagePurpose, SanType,
};
use rustls::pki_types::{CertificateDer, pem::PemObject};
use time::{Duration, OffsetDateTime};
use x509_parser::{extensions::GeneralName, prelude::X509Certificate};

use crate::secrets::write_private;

/// Browsers of Apple take no more than 825 days from a private CA.
const LIFETIME: Duration = Duration::days(397);
const CA_LIFETIME: Duration = Duration::days(3650);
/// Renewed when less than this is left.
const SPARE: Duration = Duration::days(30);

/// A CA whose key is at hand.
pub(super) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    key_id: Vec<u8>,
}

impl Authority {
    /// Opens the folder's CA; makes a new one when there is none, it ends soon or its key is lost.
    pub(super) fn open(folder: &Path) -> anyhow::Result<Self> {
        let (certificate, key) = (folder.join("ca.pem"), folder.join("ca.key"));
        let standing = fs::read_to_string(&key)
            .ok()
            .and_then(|pem| KeyPair::from_pem(&pem).ok());
        let current = Leaf::read(&certificate);
        let key_pair = match (standing, current) {
            (Some(pair), Some(leaf)) if leaf.lasts(SPARE) && leaf.public == public_key(&pair) => {
                pair
            }
            _ => {
                fs::create_dir_all(folder)
                    .with_context(|| format!("cannot create {}", folder.display()))?;
                let pair = KeyPair::generate()?;
                write_private(&key, &pair.serialize_pem())?;
                write_public(&certificate, &parameters().self_signed(&pair)?.pem())?;
                pair
            }
        };
        let parameters = parameters();
        let key_id = parameters.key_identifier(&key_pair);
        Ok(Self {
            issuer: Issuer::new(parameters, key_pair),
            key_id,
        })
    }

    /// Makes `NAME.pem` and `NAME.key` unless those that stand will do. Says whether it did.
    ///
    /// Names that the standing certificate has besides stay in the new one.
    pub(super) fn renew(
        &self,
        folder: &Path,
        name: &str,
        names: Vec<String>,
    ) -> anyhow::Result<bool> {
        let (certificate, key) = (
            folder.join(format!("{name}.pem")),
            folder.join(format!("{name}.key")),
        );
        let standing = Leaf::read(&certificate).filter(|leaf| leaf.issuer == self.key_id);
        let mut wanted: BTreeSet<String> = names.into_iter().collect();
        if let Some(leaf) = &standing {
            let matches = fs::read_to_string(&key)
                .ok()
                .and_then(|pem| KeyPair::from_pem(&pem).ok())
                .is_some_and(|pair| public_key(&pair) == leaf.public);
            if matches && leaf.lasts(SPARE) && wanted.is_subset(&leaf.names) {
                return Ok(false);
            }
            wanted.extend(leaf.names.iter().cloned());
        }
        let now = OffsetDateTime::now_utc();
        let mut parameters = CertificateParams::new(wanted.into_iter().collect::<Vec<_>>())?;
        let role = format!("spiffe://snug/{name}");
        parameters
            .subject_alt_names
            .push(SanType::URI(role.as_str().try_into()?));
        parameters.distinguished_name = DistinguishedName::new();
        parameters
            .distinguished_name
            .push(DnType::CommonName, format!("Snug {name}"));
        parameters.not_before = now - Duration::hours(1);
        parameters.not_after = now + LIFETIME;
        parameters.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        parameters.extended_key_usages = vec![
            ExtendedKeyUsagePurpose::ServerAuth,
            ExtendedKeyUsagePurpose::ClientAuth,
        ];
        parameters.use_authority_key_identifier_extension = true;
        let pair = KeyPair::generate()?;
        let pem = parameters.signed_by(&pair, &self.issuer)?.pem();
        // Servers that run read both again; the key first, so that a certificate never lacks it.
        write_private(&key, &pair.serialize_pem())?;
        write_public(&certificate, &pem)?;
        Ok(true)
    }
}

fn parameters() -> CertificateParams {
    let now = OffsetDateTime::now_utc();
    let mut parameters = CertificateParams::default();
    parameters.distinguished_name = DistinguishedName::new();
    parameters
        .distinguished_name
        .push(DnType::CommonName, "Snug local CA");
    parameters.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    parameters.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    parameters.not_before = now - Duration::hours(1);
    parameters.not_after = now + CA_LIFETIME;
    parameters
}

fn public_key(pair: &KeyPair) -> Vec<u8> {
    use rcgen::PublicKeyData;
    pair.subject_public_key_info()
}

fn write_public(path: &Path, pem: &str) -> anyhow::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    write_private(path, pem)?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o644))?;
    Ok(())
}

/// What matters of a certificate that stands.
struct Leaf {
    names: BTreeSet<String>,
    issuer: Vec<u8>,
    public: Vec<u8>,
    until: OffsetDateTime,
}

impl Leaf {
    fn read(path: &Path) -> Option<Self> {
        let der = CertificateDer::from_pem_file(path).ok()?;
        let (_, certificate) = x509_parser::parse_x509_certificate(&der).ok()?;
        Some(Self {
            names: names(&certificate),
            issuer: issuer(&certificate),
            public: certificate.public_key().raw.to_vec(),
            until: certificate.validity().not_after.to_datetime(),
        })
    }

    fn lasts(&self, spare: Duration) -> bool {
        self.until - OffsetDateTime::now_utc() > spare
    }
}

fn names(certificate: &X509Certificate<'_>) -> BTreeSet<String> {
    let Ok(Some(alternatives)) = certificate.subject_alternative_name() else {
        return BTreeSet::new();
    };
    let name = |name: &GeneralName<'_>| match name {
        GeneralName::DNSName(name) => Some((*name).to_owned()),
        GeneralName::IPAddress(bytes) => match bytes.len() {
            4 => <[u8; 4]>::try_from(*bytes)
                .ok()
                .map(|four| IpAddr::from(four).to_string()),
            _ => <[u8; 16]>::try_from(*bytes)
                .ok()
                .map(|six| IpAddr::from(six).to_string()),
        },
        _ => None,
    };
    alternatives
        .value
        .general_names
        .iter()
        .filter_map(name)
        .collect()
}

fn issuer(certificate: &X509Certificate<'_>) -> Vec<u8> {
    use x509_parser::extensions::ParsedExtension;
    certificate
        .extensions()
        .iter()
        .find_map(|extension| match extension.parsed_extension() {
            ParsedExtension::AuthorityKeyIdentifier(id) => {
                id.key_identifier.as_ref().map(|key| key.0.to_vec())
            }
            _ => None,
        })
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::MetadataExt;

    use super::*;

    fn read(folder: &Path, name: &str) -> Vec<u8> {
        fs::read(folder.join(name)).unwrap()
    }

    fn renew(folder: &Path, names: &[&str]) -> bool {
        let names = names.iter().map(|name| (*name).to_owned()).collect();
        Authority::open(folder)
            .unwrap()
            .renew(folder, "gateway", names)
            .unwrap()
    }

    #[test]
    fn a_second_run_changes_nothing_and_a_new_name_adds_to_the_old() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        assert!(renew(folder, &["localhost", "127.0.0.1"]));
        let (ca, leaf) = (read(folder, "ca.pem"), read(folder, "gateway.pem"));
        assert!(!renew(folder, &["localhost", "127.0.0.1"]));
        assert_eq!(read(folder, "gateway.pem"), leaf);

        assert!(renew(folder, &["localhost", "chat.lan", "::1"]));
        assert_eq!(read(folder, "ca.pem"), ca);
        assert!(!renew(folder, &["localhost", "127.0.0.1"]));
        let names = Leaf::read(&folder.join("gateway.pem")).unwrap().names;
        let expected = ["127.0.0.1", "::1", "chat.lan", "localhost"].map(str::to_owned);
        assert_eq!(names, BTreeSet::from(expected));
        assert_eq!(
            fs::metadata(folder.join("gateway.key")).unwrap().mode() & 0o777,
            0o600
        );
        assert_eq!(
            fs::metadata(folder.join("ca.key")).unwrap().mode() & 0o777,
            0o600
        );
    }

    #[test]
    fn a_lost_ca_or_key_is_replaced_with_all_that_hangs_on_it() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        renew(folder, &["localhost"]);
        fs::remove_file(folder.join("gateway.key")).unwrap();
        assert!(renew(folder, &["localhost"]));
        let ca = read(folder, "ca.pem");
        fs::remove_file(folder.join("ca.key")).unwrap();
        assert!(renew(folder, &["localhost"]));
        assert_ne!(read(folder, "ca.pem"), ca);
    }
}
