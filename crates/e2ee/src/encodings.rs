//! The encodings against `docs/encryption-vectors.json`, which a second implementation made from
//! their description alone: `docs/encryption-vectors.py`.

use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use serde_json::Value;
use uuid::Uuid;

use crate::{
    AccountKey, Credential, DeviceKeys, DeviceList, Kind, RoomPolicy, file,
    suite::POLICY_EXTENSION, verify_proof,
};

#[test]
fn a_device_key_its_credential_and_its_proof() {
    let vectors = vectors();
    let expected = &vectors["credential"];
    let (account, keys) = keys(&vectors);
    assert_eq!(
        *account.public().as_bytes(),
        array(&expected["account_key"])
    );
    let stored = [bytes(&expected["device_seed"]), bytes(&expected["bytes"])].concat();
    assert_eq!(*keys.to_bytes(), stored);
    let credential = Credential::open(&bytes(&expected["bytes"])).unwrap();
    assert_eq!(credential, *keys.credential());

    let proof = &vectors["proof"];
    let (nonce, signature) = (bytes(&proof["nonce"]), bytes(&proof["signature"]));
    assert_eq!(keys.prove(&nonce).to_vec(), signature);
    assert!(verify_proof(&credential, &nonce, &signature));
}

#[test]
fn a_device_list() {
    let vectors = vectors();
    let expected = &vectors["device_list"];
    let (account, keys) = keys(&vectors);
    let list = DeviceList {
        user: keys.credential().user,
        version: expected["version"].as_u64().unwrap(),
        devices: ids(&expected["devices"]),
        revoked: ids(&expected["revoked"]),
    };
    let signed = bytes(&expected["bytes"]);
    assert_eq!(list.sign(&account), signed);
    assert_eq!(DeviceList::open(&signed, &account.public()), Ok(list));
}

#[test]
fn a_rooms_policy() {
    let expected = &vectors()["policy"];
    assert_eq!(expected["kind"], "group");
    let policy = RoomPolicy {
        kind: Kind::Group,
        admins: ids(&expected["admins"]),
        absent: std::collections::BTreeMap::new(),
    };
    let context = policy.to_context().unwrap();
    let extension = &context.unknown(POLICY_EXTENSION).unwrap().0;
    assert_eq!(*extension, bytes(&expected["bytes"]));
}

#[test]
fn files_of_one_chunk_and_of_two() {
    for expected in vectors()["files"].as_array().unwrap() {
        let length = expected["length"].as_u64().unwrap();
        let plain: Vec<u8> = (0..length).map(|at| (at % 251) as u8).collect();
        let mut rng = ChaCha20Rng::from_seed(array(&expected["rng_seed"]));
        let sealed = file::seal(&plain, &mut rng).unwrap();
        assert_eq!(*sealed.key, array(&expected["key"]), "{length}");
        assert_eq!(sealed.ciphertext.len() as u64, expected["size"]);
        assert_eq!(sealed.sha256, array(&expected["sha256"]), "{length}");
        if expected.get("ciphertext").is_some() {
            assert_eq!(sealed.ciphertext, bytes(&expected["ciphertext"]));
        }
        let opened = file::open(&sealed.ciphertext, &sealed.key, &sealed.sha256);
        assert_eq!(opened, Ok(plain));
    }
}

fn vectors() -> Value {
    serde_json::from_str(include_str!("../../../docs/encryption-vectors.json")).unwrap()
}

fn keys(vectors: &Value) -> (AccountKey, DeviceKeys) {
    let given = &vectors["credential"];
    let account = AccountKey::from_bytes(&array(&given["account_seed"]));
    let keys = DeviceKeys::generate(
        id(&given["user"]),
        id(&given["device"]),
        &account,
        given["created_at"].as_u64().unwrap(),
        &mut ChaCha20Rng::from_seed(array(&given["rng_seed"])),
    );
    (account, keys)
}

fn bytes(value: &Value) -> Vec<u8> {
    let text = value.as_str().unwrap();
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap())
        .collect()
}

fn array<const N: usize>(value: &Value) -> [u8; N] {
    bytes(value).try_into().unwrap()
}

fn id(value: &Value) -> Uuid {
    value.as_str().unwrap().parse().unwrap()
}

fn ids(value: &Value) -> Vec<Uuid> {
    value.as_array().unwrap().iter().map(id).collect()
}
