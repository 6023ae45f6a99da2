//! What is kept on the server, and texts that people read, type or scan.

use e2ee::{
    ArchiveKeys, Keyring, Pin, RecoveryKey, Vault,
    archive::{self, Place},
    file, fuzzing,
    safety::{self, Comparison, Side},
};
use sha2::{Digest, Sha256};

use crate::{
    Target,
    parts::{cut, join},
    story::{ANA, BO, ROOM, account, rng},
};

fn archive_keys() -> ArchiveKeys {
    let mut keys = ArchiveKeys::default();
    keys.renew(&mut rng(1));
    keys.renew(&mut rng(2));
    keys
}

fn place() -> Place {
    Place {
        user: ANA,
        room: ROOM,
        seq: 1,
    }
}

/// An entry of the archive, opened under the key of its seed.
pub const ARCHIVE: Target = Target {
    name: "archive",
    run: |bytes| {
        let keys = archive_keys();
        let Ok(id) = archive::key_id(bytes) else {
            return false;
        };
        keys.find(id)
            .is_some_and(|key| archive::open(key, &place(), bytes).is_ok())
    },
    seeds: || {
        let keys = archive_keys();
        let key = keys.current().expect("a key");
        vec![archive::seal(key, &place(), b"hello", &mut rng(3)).expect("an entry")]
    },
};

/// A sealed file; its hash is made to fit.
pub const FILE: Target = Target {
    name: "file",
    run: |bytes| {
        let Ok(sealed) = file::seal(bytes, &mut rng(4)) else {
            return false;
        };
        let opened = file::open(&sealed.ciphertext, &sealed.key, &sealed.sha256);
        assert_eq!(opened.as_deref(), Ok(bytes));
        let hash = Sha256::digest(bytes).into();
        assert!(file::open(bytes, &[1; 32], &hash).is_err());
        true
    },
    seeds: || vec![Vec::new(), b"hello".to_vec()],
};

/// The content of a recovery bundle.
pub const KEYRING: Target = Target {
    name: "keyring",
    run: |bytes| {
        let Some(keyring) = fuzzing::keyring(bytes) else {
            return false;
        };
        assert_eq!(fuzzing::keyring_bytes(&keyring).as_slice(), bytes);
        true
    },
    seeds: || {
        let keyring = Keyring {
            account_key: account(ANA),
            list_version: 7,
            archive_keys: archive_keys(),
        };
        vec![fuzzing::keyring_bytes(&keyring).to_vec()]
    },
};

/// Content behind its length, filled with zeros.
pub const PADDING: Target = Target {
    name: "padding",
    run: |bytes| {
        let Some(again) = fuzzing::padding(bytes) else {
            return false;
        };
        assert_eq!(again.as_slice(), bytes);
        true
    },
    seeds: || vec![b"\0\0\0\x05hello\0\0\0".to_vec()],
};

/// A recovery key as it is typed.
pub const RECOVERY_TEXT: Target = Target {
    name: "recovery_text",
    run: |bytes| {
        let Ok(text) = std::str::from_utf8(bytes) else {
            return false;
        };
        match RecoveryKey::parse(text) {
            Ok(key) => {
                let again = RecoveryKey::parse(&key.to_text()).expect("what was written");
                assert_eq!(again.bundle_key(ANA), key.bundle_key(ANA));
                true
            }
            Err(wrong) => {
                assert!((1..=9).contains(&wrong.group));
                false
            }
        }
    },
    seeds: || {
        let text = RecoveryKey::generate(&mut rng(7)).to_text();
        let typed = text.to_lowercase().replace('-', " ");
        vec![text.as_bytes().to_vec(), typed.into_bytes()]
    },
};

/// A scanned code of a contact.
pub const SAFETY_CODE: Target = Target {
    name: "safety_code",
    run: |bytes| {
        let side = |user| Side {
            user,
            account_key: account(user).public(),
        };
        std::str::from_utf8(bytes).is_ok_and(|text| {
            safety::compare(text, &side(ANA), &side(BO)) != Comparison::Unreadable
        })
    },
    seeds: || {
        let side = |user, key| Side {
            user,
            account_key: account(key).public(),
        };
        let codes = [
            safety::code(&side(BO, BO), &side(ANA, ANA)),
            safety::code(&side(BO, ANA), &side(ANA, ANA)),
        ];
        codes.map(String::into_bytes).to_vec()
    },
};

/// The contents of two vaults, which devices take in from each other.
pub const VAULT: Target = Target {
    name: "vault",
    run: |bytes| {
        let Some([one, two]) = cut(bytes) else {
            return false;
        };
        let read = |bytes: &[u8]| {
            let vault = fuzzing::vault(bytes)?;
            assert_eq!(fuzzing::vault_bytes(&vault).as_slice(), bytes);
            Some(vault)
        };
        let (Some(one), Some(two)) = (read(one), read(two)) else {
            return false;
        };
        let (mut here, mut there) = (one.clone(), two.clone());
        here.merge(&two);
        there.merge(&one);
        assert_eq!(here.pins, there.pins);
        assert!(!here.merge(&one) && !here.merge(&two));
        true
    },
    seeds: || {
        let vault = |revision, verified_at| {
            let pin = Pin {
                account_key: account(BO).public(),
                verified_at,
                revision,
            };
            let vault = Vault {
                pins: [(BO, pin)].into(),
                archive_keys: archive_keys(),
            };
            fuzzing::vault_bytes(&vault)
        };
        vec![join(&[&vault(1, None), &vault(2, Some(3))])]
    },
};
