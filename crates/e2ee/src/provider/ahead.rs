//! The signatures of a tree's leaves, verified by all cores before OpenMLS asks for one after the
//! other: half of what joining a large room costs.
//!
//! What OpenMLS will ask is not guessed: it goes through the tree once with a provider that only
//! writes down the questions. Only what was asked exactly so, and holds, is answered from memory.

use std::{collections::HashSet, sync::Mutex};

use openmls::prelude::{GroupId, RatchetTreeIn};
use openmls_traits::types::Ciphersuite;
use rayon::prelude::*;
use sha2::{Digest, Sha256};

use super::{Crypto, Randomness, verify_signature};

/// Fewer signatures are not worth waking other threads.
const WORTH_IT: usize = 32;

/// What a provider knows of signatures before it computes.
pub(super) struct Ahead(Mutex<State>);

enum State {
    Nothing,
    /// Every question is written down, and answered with yes: for a provider that nothing else
    /// ever uses.
    Recording(Vec<Question>),
    Known(HashSet<[u8; 32]>),
}

struct Question {
    data: Vec<u8>,
    key: Vec<u8>,
    signature: Vec<u8>,
}

impl Ahead {
    pub(super) const fn nothing() -> Self {
        Self(Mutex::new(State::Nothing))
    }

    pub(super) fn forget(&self) {
        self.replace(State::Nothing);
    }

    /// Whether this very signature was verified ahead.
    pub(super) fn knows(&self, data: &[u8], key: &[u8], signature: &[u8]) -> bool {
        let Ok(mut state) = self.0.lock() else {
            return false;
        };
        match &mut *state {
            State::Nothing => false,
            State::Recording(questions) => {
                questions.push(Question {
                    data: data.to_vec(),
                    key: key.to_vec(),
                    signature: signature.to_vec(),
                });
                true
            }
            State::Known(known) => known.contains(&digest(data, key, signature)),
        }
    }

    fn replace(&self, new: State) -> State {
        self.0.lock().map_or(State::Nothing, |mut state| {
            std::mem::replace(&mut *state, new)
        })
    }
}

impl Crypto {
    /// Verifies the leaves' signatures of a tree that OpenMLS is about to be given for `group`.
    /// A tree with faults costs what it costs without; OpenMLS finds and names them.
    pub(crate) fn verify_ahead(
        &self,
        tree: &RatchetTreeIn,
        suite: Ciphersuite,
        group: &GroupId,
    ) -> usize {
        let recorder = Self {
            randomness: Randomness::none(),
            ahead: Ahead(Mutex::new(State::Recording(Vec::new()))),
        };
        // A tree that is malformed is asked about up to its fault.
        let _ = tree.clone().into_verified(suite, &recorder, group);
        let State::Recording(questions) = recorder.ahead.replace(State::Nothing) else {
            return 0;
        };
        if questions.len() < WORTH_IT {
            return 0;
        }
        let known: HashSet<_> = questions
            .par_iter()
            .with_min_len(16)
            .filter(|asked| verify_signature(&asked.data, &asked.key, &asked.signature).is_ok())
            .map(|asked| digest(&asked.data, &asked.key, &asked.signature))
            .collect();
        let verified = known.len();
        self.ahead.replace(State::Known(known));
        verified
    }
}

/// Each part with its length, so that no two questions have one digest.
fn digest(data: &[u8], key: &[u8], signature: &[u8]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for part in [data, key, signature] {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hash.finalize().into()
}

#[cfg(test)]
mod tests {
    use std::time::{SystemTime, UNIX_EPOCH};

    use ed25519_dalek::{Signer, SigningKey};
    use openmls::prelude::tls_codec::{Deserialize as _, Serialize as _};
    use openmls_traits::{crypto::OpenMlsCrypto, types::SignatureScheme::ED25519};
    use rand_chacha::ChaCha20Rng;
    use rand_core::SeedableRng;
    use uuid::Uuid;

    use super::*;
    use crate::{
        AccountKey, CheckedKeyPackage, Client, DeviceKeys, Error, Kind, NewRoom, PublicRoom,
        Refusal, Suite, key_package, welcome,
    };

    const ROOM: Uuid = Uuid::from_u128(0x4000);

    fn now() -> u64 {
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        now.unwrap().as_secs()
    }

    fn user(number: u8) -> Uuid {
        Uuid::from_u128(number.into())
    }

    fn guest(number: u8) -> (Client, CheckedKeyPackage, ChaCha20Rng) {
        let mut rng = ChaCha20Rng::from_seed([number; 32]);
        let account = AccountKey::generate(&mut rng);
        let id = Uuid::from_u128(0x100 + u128::from(number));
        let keys = DeviceKeys::generate(user(number), id, &account, now(), &mut rng);
        let mut client = Client::new(keys, []);
        let package = client.key_package(Suite::Classic, now(), &mut rng).unwrap();
        let package = key_package::inspect(&package, now()).unwrap();
        client.take_changes();
        (client, package, rng)
    }

    /// A group of so many; one who is invited to it; how it was made.
    fn room(members: u8) -> (Client, ChaCha20Rng, NewRoom) {
        let (mut creator, _, mut rng) = guest(0);
        let mut guests: Vec<_> = (1..members).map(guest).collect();
        let packages: Vec<_> = guests.iter().map(|guest| guest.1.clone()).collect();
        let suite = Suite::Classic;
        let made = creator
            .create_room(ROOM, suite, Kind::Group, &[user(0)], &packages, &mut rng)
            .unwrap();
        let (client, _, rng) = guests.swap_remove(0);
        (client, rng, made)
    }

    fn verified(tree: &[u8]) -> usize {
        let tree = RatchetTreeIn::tls_deserialize_exact(tree).unwrap();
        let group = GroupId::from_slice(ROOM.as_bytes());
        Crypto::without_randomness().verify_ahead(&tree, Suite::Classic.ciphersuite(), &group)
    }

    fn join(
        guest: &mut Client,
        made: &NewRoom,
        tree: &[u8],
        rng: &mut ChaCha20Rng,
    ) -> Result<(), Error> {
        let parts = welcome::split(made.commit.welcome.as_ref().unwrap()).unwrap();
        let (_, reference) = &made.commit.added[0];
        let part = parts.iter().find(|part| part.reference == *reference);
        let joined = guest
            .join(ROOM, &part.unwrap().welcome, tree, rng)
            .map(drop);
        guest.rollback();
        joined
    }

    #[test]
    fn every_leaf_is_verified_ahead_and_a_spoilt_one_is_still_found() {
        let (mut guest, mut rng, made) = room(40);
        assert_eq!(verified(&made.tree), 40);
        join(&mut guest, &made, &made.tree, &mut rng).unwrap();

        let group = GroupId::from_slice(ROOM.as_bytes());
        let tree = RatchetTreeIn::tls_deserialize_exact(&made.tree)
            .unwrap()
            .into_verified(
                Suite::Classic.ciphersuite(),
                &Crypto::without_randomness(),
                &group,
            )
            .unwrap();
        let leaf = tree.leaves().nth(20).unwrap();
        let signature = leaf.signature().tls_serialize_detached().unwrap();
        let mut windows = made.tree.windows(signature.len());
        let place = windows.position(|window| window == signature).unwrap();
        let mut spoilt = made.tree.clone();
        spoilt[place + signature.len() - 40] ^= 1;
        assert_eq!(verified(&spoilt), 39);
        let refused = join(&mut guest, &made, &spoilt, &mut rng);
        assert!(
            matches!(refused, Err(Error::Undecryptable(_))),
            "{refused:?}"
        );
        let creator = (user(0), Uuid::from_u128(0x100));
        let create = |tree: &[u8]| {
            PublicRoom::create(ROOM, Kind::Group, creator, &made.commit.group_info, tree).map(drop)
        };
        assert!(matches!(create(&spoilt), Err(Refusal::Malformed(_))));
        create(&made.tree).unwrap();
    }

    #[test]
    fn small_rooms_wake_nobody() {
        for (members, expected) in [(31, 0), (32, 32)] {
            let (_, _, made) = room(members);
            assert_eq!(verified(&made.tree), expected);
        }
    }

    #[test]
    fn only_the_very_question_is_answered_from_memory() {
        let key = SigningKey::from_bytes(&[1; 32]);
        let public = key.verifying_key().to_bytes();
        let signature = key.sign(b"leaf").to_bytes();
        let crypto = Crypto::without_randomness();
        let known = HashSet::from([digest(b"leaf", &public, &signature)]);
        crypto.ahead.replace(State::Known(known));
        assert!(crypto.ahead.knows(b"leaf", &public, &signature));

        let other = SigningKey::from_bytes(&[2; 32]).verifying_key().to_bytes();
        let mut spoilt = signature;
        spoilt[5] ^= 1;
        for (data, key, signature) in [
            (&b"leaves"[..], &public, &signature),
            (b"leaf", &other, &signature),
            (b"leaf", &public, &spoilt),
        ] {
            assert!(!crypto.ahead.knows(data, key, signature));
            let verified = crypto.verify_signature(ED25519, data, key, signature);
            assert!(verified.is_err());
        }
        // Bytes may not move from one part into the next.
        let moved = [&public[1..], &signature[..]].concat();
        assert!(!crypto.ahead.knows(b"leaf", &public[..1], &moved));

        crypto.forget();
        assert!(!crypto.ahead.knows(b"leaf", &public, &signature));
        assert!(
            crypto
                .verify_signature(ED25519, b"leaf", &public, &signature)
                .is_ok()
        );
    }
}
