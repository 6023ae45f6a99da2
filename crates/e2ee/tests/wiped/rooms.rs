//! A device that talks: what it draws for an operation, and what it reads.

use std::time::{SystemTime, UNIX_EPOCH};

use e2ee::{AccountKey, Client, DeviceKeys, Kind, Opened, Suite, key_package, welcome};
use rand_chacha::ChaCha20Rng;
use rand_core::{Rng, SeedableRng};
use uuid::Uuid;

use crate::{Held, Recorder, Seen, passes};

const ANA: Uuid = Uuid::from_u128(1);
const BO: Uuid = Uuid::from_u128(2);
const ROOM: Uuid = Uuid::from_u128(3);
const PLAINTEXT: &[u8] = b"meet me at nine, behind the theatre";

fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.unwrap().as_secs()
}

/// The device has the id of its person. With the seed of its key.
fn client(user: Uuid, rng: &mut Recorder) -> (Client, Vec<u8>) {
    let account = AccountKey::generate(rng);
    let keys = DeviceKeys::generate(user, user, &account, now(), rng);
    let seed = keys.to_bytes()[..32].to_vec();
    (Client::new(keys, []), seed)
}

/// What was drawn for the last operation, and the key that its sealings hang on.
fn operation(rng: &Recorder) -> Vec<Vec<u8>> {
    let seed = rng.drawn.last().unwrap().clone();
    let mut sealing = vec![0; 32];
    ChaCha20Rng::from_seed(seed.as_slice().try_into().unwrap()).fill_bytes(&mut sealing);
    vec![seed, sealing]
}

pub fn device(seen: &mut Seen) {
    seen.wipes(|| {
        let rng = &mut Recorder::new(30);
        let (mut client, seed) = client(ANA, rng);
        client.key_package(Suite::Classic, now(), rng).unwrap();
        Held {
            value: client,
            inside: vec![seed],
            behind: operation(rng),
        }
    });
    an_operation_ends();
    let opened = opened();
    seen.wipes(|| Held {
        value: opened.clone(),
        inside: Vec::new(),
        behind: vec![PLAINTEXT.to_vec()],
    });
}

/// Its randomness goes with it, long before the device does.
fn an_operation_ends() {
    let rng = &mut Recorder::new(31);
    let (mut client, _) = client(ANA, rng);
    for undone in [true, false] {
        client.key_package(Suite::Classic, now(), rng).unwrap();
        let secrets = operation(rng);
        let end = |client: &mut Client| {
            if undone {
                client.rollback();
            } else {
                client.take_changes();
            }
        };
        passes("the end of an operation", &secrets, || end(&mut client));
    }
}

fn opened() -> Opened {
    let rng = &mut Recorder::new(32);
    let ((mut ana, _), (mut bo, _)) = (client(ANA, rng), client(BO, rng));
    let package = bo.key_package(Suite::Classic, now(), rng).unwrap();
    bo.take_changes();
    let package = key_package::inspect(&package, now()).unwrap();
    let people = [ANA, BO];
    let room = ana.create_room(ROOM, Suite::Classic, Kind::Direct, &people, &[package], rng);
    let room = room.unwrap();
    ana.merge_own(ROOM).unwrap();
    let parts = welcome::split(room.commit.welcome.as_deref().unwrap()).unwrap();
    bo.join(ROOM, &parts[0].welcome, &room.tree, rng).unwrap();
    let message = ana.seal(ROOM, PLAINTEXT, rng).unwrap();
    bo.open(ROOM, ANA, ANA, &message, rng).unwrap()
}
