//! Credentials, device lists and key packages. What a fuzzer cannot sign is signed here.

use e2ee::{Credential, DeviceKeys, DeviceList, key_package};
use ed25519_dalek::{Signer as _, SigningKey};

use crate::{
    Target,
    story::{ANA, BO, STORY, account, now, rng},
};

/// What the account key signs: bytes and signature.
pub fn signed(label: &[u8], bytes: &[u8]) -> Vec<u8> {
    let key = SigningKey::from_bytes(&account(ANA).to_bytes());
    let signature = key.sign(&[label, bytes].concat());
    [bytes, &signature.to_bytes()].concat()
}

/// Bytes before the account key in a credential: version, user, device and device key.
const BEFORE_ACCOUNT_KEY: usize = 1 + 16 + 16 + 32;

/// A credential without its account key and signature, which are added.
pub const CREDENTIAL: Target = Target {
    name: "credential",
    run: |bytes| {
        let _ = Credential::open(bytes);
        let Some((head, rest)) = bytes.split_at_checked(BEFORE_ACCOUNT_KEY) else {
            return false;
        };
        let whole = [head, account(ANA).public().as_bytes(), rest].concat();
        let whole = signed(b"snug/device-credential/v1\0", &whole);
        let Ok(credential) = Credential::open(&whole) else {
            return false;
        };
        assert_eq!(credential.to_bytes(), whole);
        true
    },
    seeds: || {
        let keys = DeviceKeys::generate(ANA, ANA, &account(ANA), 1, &mut rng(1));
        let whole = keys.credential().to_bytes();
        let created_at = &whole[BEFORE_ACCOUNT_KEY + 32..whole.len() - 64];
        vec![[&whole[..BEFORE_ACCOUNT_KEY], created_at].concat()]
    },
};

/// A device list without its signature, which is added.
pub const DEVICE_LIST: Target = Target {
    name: "device_list",
    run: |bytes| {
        let key = account(ANA).public();
        let _ = DeviceList::open(bytes, &key);
        let whole = signed(b"snug/device-list/v1\0", bytes);
        let Ok(list) = DeviceList::open(&whole, &key) else {
            return false;
        };
        assert_eq!(list.sign(&account(ANA)), whole);
        true
    },
    seeds: || {
        let list = DeviceList {
            user: ANA,
            version: 7,
            devices: vec![ANA],
            revoked: vec![BO],
        };
        let whole = list.sign(&account(ANA));
        vec![whole[..whole.len() - 64].to_vec()]
    },
};

/// A key package, as the server checks it.
pub const KEY_PACKAGE: Target = Target {
    name: "key_package",
    run: |bytes| {
        let Ok(package) = key_package::inspect(bytes, now()) else {
            return false;
        };
        assert!(package.not_after() >= now() + key_package::LEAST_LIFE - 1);
        true
    },
    seeds: || vec![STORY.key_package.clone()],
};
