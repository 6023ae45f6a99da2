//! Secrets are wiped when what holds them goes: the memory that is given back is searched for them.
//!
//! Seen is the heap alone, so that each value lies in a box. What a move leaves on the stack is not.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod heap;
mod holders;
mod rooms;
#[path = "../debug/types.rs"]
mod types;

use std::{collections::BTreeSet, convert::Infallible, hint::black_box, mem::ManuallyDrop};

use hpke::{Kem as _, Serializable as _, kem::X25519HkdfSha256};
use rand_chacha::ChaCha20Rng;
use rand_core::{Rng, SeedableRng, TryCryptoRng, TryRng};

use heap::left_behind;

/// Public types that hold no secret.
const PUBLIC: [&str; 29] = [
    "AccountPublicKey",
    "Change",
    "CheckedKeyPackage",
    "Commit",
    "Comparison",
    "Credential",
    "DeviceList",
    "Error",
    "FileError",
    "Framing",
    "KeyFault",
    "Kind",
    "LinkError",
    "Member",
    "MessageKind",
    "NewRoom",
    "Part",
    "Pin",
    "Place",
    "Plan",
    "PublicRoom",
    "Refusal",
    "RoomPolicy",
    "Rule",
    "SealedError",
    "Side",
    "Standing",
    "Suite",
    "WrongGroup",
];

/// A generator that remembers what it gave.
struct Recorder {
    from: ChaCha20Rng,
    drawn: Vec<Vec<u8>>,
}

impl Recorder {
    fn new(seed: u8) -> Self {
        Self {
            from: ChaCha20Rng::from_seed([seed; 32]),
            drawn: Vec::new(),
        }
    }

    /// The private key that comes of the draw of this number (RFC 9180, section 7.1.3).
    fn key_of(&self, number: usize) -> Vec<u8> {
        let (secret, _) = X25519HkdfSha256::derive_keypair(&self.drawn[number]);
        secret.to_bytes().to_vec()
    }
}

impl TryRng for Recorder {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        panic!("secrets are drawn as bytes")
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        panic!("secrets are drawn as bytes")
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        self.from.fill_bytes(bytes);
        self.drawn.push(bytes.to_vec());
        Ok(())
    }
}

impl TryCryptoRng for Recorder {}

/// A value with the secrets that lie in it, and those that lie elsewhere behind it.
struct Held<T> {
    value: T,
    inside: Vec<Vec<u8>>,
    behind: Vec<Vec<u8>>,
}

/// The types that were seen to wipe what they hold.
#[derive(Default)]
struct Seen(BTreeSet<String>);

impl Seen {
    /// `make` gives the same each time. What lies inside is found when the block is given back
    /// without a drop, so that it is looked for in the right place; nothing is found after one.
    fn wipes<T>(&mut self, make: impl Fn() -> Held<T>) {
        let name = std::any::type_name::<T>();
        let Held { inside, behind, .. } = make();
        for (number, secret) in inside.iter().chain(&behind).enumerate() {
            let secret = std::slice::from_ref(secret);
            let boxed = Box::new(make().value);
            let found = left_behind(secret, || drop(black_box(boxed)));
            assert_eq!(found, 0, "{name} leaves secret {number} behind");
            if number < inside.len() {
                let boxed = Box::new(ManuallyDrop::new(make().value));
                let found = left_behind(secret, || drop(black_box(boxed)));
                assert_eq!(found, 1, "{name} does not hold secret {number}");
            }
        }
        let name = name.split('<').next().unwrap();
        self.0.insert(name.rsplit("::").next().unwrap().to_owned());
    }
}

/// A step that makes secrets, or takes them from one place to another, and leaves none on its way.
fn passes(name: &str, secrets: &[Vec<u8>], step: impl FnOnce()) {
    assert_eq!(
        left_behind(secrets, step),
        0,
        "{name} leaves a secret behind"
    );
}

fn seen() -> BTreeSet<String> {
    let mut seen = Seen::default();
    holders::keys(&mut seen);
    holders::links(&mut seen);
    holders::files(&mut seen);
    rooms::device(&mut seen);
    seen.0
}

#[test]
fn every_public_type_wipes_its_secrets_or_has_none() {
    let mut types = seen();
    types.extend(PUBLIC.map(str::to_owned));
    assert_eq!(types, types::public_types());
}

/// The list in docs/encryption.md, between these words.
#[test]
fn the_page_names_the_types_that_wipe() {
    let page = include_str!("../../../../docs/encryption.md");
    let (_, rest) = page.split_once("Wiped when they go are ").unwrap();
    let (list, _) = rest.split_once(" ([`tests/wiped`]").unwrap();
    let named = list.split('`').skip(1).step_by(2).map(str::to_owned);
    assert_eq!(named.collect::<BTreeSet<_>>(), seen());
}

#[test]
fn what_is_not_wiped_is_found() {
    let secret = b"sixteen secret b and more".to_vec();
    let other = b"another one that is not there".to_vec();
    let secrets = [other, secret.clone()];
    let copy = secret.clone();
    assert_eq!(left_behind(&secrets, || drop(black_box(copy))), 1);
    let mut grown = secret.clone();
    grown.shrink_to_fit();
    let mut kept = Vec::new();
    let found = left_behind(&secrets, || {
        grown.push(0);
        kept.append(&mut black_box(grown));
    });
    assert!(found >= 1);
    assert_eq!(left_behind(&secrets, || drop(black_box(vec![1_u8; 64]))), 0);
}
