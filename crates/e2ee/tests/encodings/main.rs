//! Our own encodings byte for byte: `vectors.json` was made by another implementation, so that a
//! further one can be held against it.
//!
//! All byte strings are hexadecimal. Where an operation draws randomness, the vectors hold what it
//! draws, in order.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod link;

use std::convert::Infallible;

use e2ee::{
    AccountKey, ArchiveKeys, DeviceKeys, DeviceList, Keyring, Pin, RecoveryKey, Vault,
    archive::{self, Place},
    file,
    safety::{self, Comparison, Side},
};
use rand_core::{TryCryptoRng, TryRng};
use serde_json::Value;
use uuid::Uuid;

/// A part of the vectors.
struct Vectors(Value);

impl Vectors {
    fn load() -> Self {
        Self(serde_json::from_str(include_str!("vectors.json")).unwrap())
    }

    fn part(&self, name: &str) -> Self {
        Self(self.0[name].clone())
    }

    fn text(&self, name: &str) -> &str {
        self.0[name].as_str().unwrap()
    }

    fn number(&self, name: &str) -> u64 {
        self.0[name].as_u64().unwrap()
    }

    fn bytes(&self, name: &str) -> Vec<u8> {
        unhex(self.text(name))
    }

    fn key(&self, name: &str) -> [u8; 32] {
        self.bytes(name).try_into().unwrap()
    }

    fn id(&self, name: &str) -> Uuid {
        Uuid::from_slice(&self.bytes(name)).unwrap()
    }

    fn account(&self, name: &str) -> AccountKey {
        AccountKey::from_bytes(&self.key(name))
    }

    /// A generator that gives these values one after the other.
    fn draws(&self, names: &[&str]) -> Draws {
        Draws(names.iter().flat_map(|name| self.bytes(name)).collect())
    }

    fn archive_keys(&self) -> ArchiveKeys {
        let mut keys = ArchiveKeys::default();
        keys.renew(&mut self.draws(&["archive_key"]));
        keys
    }

    fn keyring(&self) -> Keyring {
        Keyring {
            account_key: self.account("user_account_key"),
            list_version: self.number("list_version"),
            archive_keys: self.archive_keys(),
        }
    }
}

fn unhex(text: &str) -> Vec<u8> {
    text.as_bytes()
        .chunks(2)
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
        .collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

struct Draws(Vec<u8>);

impl TryRng for Draws {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut bytes = [0; 4];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u32::from_le_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut bytes = [0; 8];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u64::from_le_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        let drawn: Vec<u8> = self.0.drain(..bytes.len()).collect();
        bytes.copy_from_slice(&drawn);
        Ok(())
    }
}

impl TryCryptoRng for Draws {}

#[test]
fn credentials_and_device_lists() {
    let all = Vectors::load();
    let device = DeviceKeys::generate(
        all.id("user"),
        all.id("device"),
        &all.account("user_account_key"),
        all.number("created_at"),
        &mut all.draws(&["device_key"]),
    );
    let credential = device.credential().to_bytes();
    assert_eq!(hex(&credential), all.text("credential"));
    assert_eq!(hex(&device.prove(b"nonce")), all.text("device_proof"));
    let list = DeviceList {
        user: all.id("user"),
        version: all.number("list_version"),
        devices: vec![all.id("device")],
        revoked: vec![all.id("revoked_device")],
    };
    let bytes = list.sign(&all.account("user_account_key"));
    assert_eq!(hex(&bytes), all.text("device_list"));
}

#[test]
fn files() {
    let vectors = Vectors::load().part("file");
    let sealed = file::seal(&vectors.bytes("content"), &mut vectors.draws(&["key"])).unwrap();
    assert_eq!(hex(&sealed.ciphertext), vectors.text("ciphertext"));
    assert_eq!(hex(&sealed.sha256), vectors.text("sha256"));
}

#[test]
fn recovery_keys_and_bundles() {
    let all = Vectors::load();
    let vectors = all.part("recovery");
    let key = RecoveryKey::generate(&mut vectors.draws(&["key"]));
    assert_eq!(key.to_text().as_str(), vectors.text("text"));
    let bundle_key = key.bundle_key(all.id("user"));
    assert_eq!(
        hex(bundle_key.to_bytes().as_slice()),
        vectors.text("bundle_key")
    );
    let version = vectors.number("version");
    let nonce = &mut vectors.draws(&["nonce"]);
    let bundle = bundle_key.seal(&all.keyring(), version, nonce).unwrap();
    assert_eq!(hex(&bundle), vectors.text("bundle"));
    let opened = bundle_key.open(&bundle, version).unwrap();
    assert_eq!(opened.list_version, all.number("list_version"));
    assert!(opened.archive_keys == all.archive_keys());
}

#[test]
fn vaults() {
    let all = Vectors::load();
    let vectors = all.part("vault");
    let mut vault = Vault {
        archive_keys: all.archive_keys(),
        ..Vault::default()
    };
    for (name, verified_at) in [("contact", Some("verified_at")), ("user", None)] {
        let pin = Pin {
            account_key: all.account(&format!("{name}_account_key")).public(),
            verified_at: verified_at.map(|name| vectors.number(name)),
            revision: vectors.number("revision"),
        };
        vault.pins.insert(all.id(name), pin);
    }
    let sealed = vault.seal(
        &all.account("user_account_key"),
        all.id("user"),
        vectors.number("version"),
        &mut vectors.draws(&["nonce"]),
    );
    assert_eq!(hex(&sealed.unwrap()), vectors.text("vault"));
}

#[test]
fn archive_entries() {
    let all = Vectors::load();
    let vectors = all.part("archive");
    let keys = all.archive_keys();
    let key = keys.current().unwrap();
    assert_eq!(hex(key.id().as_bytes()), vectors.text("key_id"));
    let place = Place {
        user: all.id("user"),
        room: all.id("room"),
        seq: vectors.number("seq"),
    };
    let content = vectors.bytes("content");
    let nonce = &mut vectors.draws(&["nonce"]);
    let entry = archive::seal(key, &place, &content, nonce).unwrap();
    assert_eq!(hex(&entry), vectors.text("entry"));
    assert_eq!(*archive::open(key, &place, &entry).unwrap(), content);
}

#[test]
fn safety_numbers() {
    let all = Vectors::load();
    let vectors = all.part("safety");
    let side = |user: &str| Side {
        user: all.id(user),
        account_key: all.account(&format!("{user}_account_key")).public(),
    };
    let (me, them) = (side("user"), side("contact"));
    assert_eq!(safety::number(&me, &them), vectors.text("number"));
    assert_eq!(safety::code(&them, &me), vectors.text("code"));
    let answer = safety::compare(vectors.text("code"), &me, &them);
    assert_eq!(answer, Comparison::Same);
}
