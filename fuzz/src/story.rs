//! What the targets stand on: two people, one room, every time the same but for the clock.

use std::{
    sync::LazyLock,
    time::{SystemTime, UNIX_EPOCH},
};

use e2ee::{
    AccountKey, Client, Commit, DeviceKeys, Kind, NewRoom, PublicRoom, Suite, key_package, welcome,
};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use uuid::Uuid;

/// A person and their only device, which has the same id.
pub const ANA: Uuid = Uuid::from_u128(1);
/// Another.
pub const BO: Uuid = Uuid::from_u128(2);
/// Their room.
pub const ROOM: Uuid = Uuid::from_u128(3);

/// Records of a device, as they are stored.
pub type Records = Vec<(Vec<u8>, Vec<u8>)>;

/// Messages and states of a direct room.
pub struct Story {
    /// A key package of Bo's.
    pub key_package: Vec<u8>,
    /// The commit that made the room.
    pub made: Commit,
    /// The ratchet tree of that epoch.
    pub tree: Vec<u8>,
    /// The welcome for Bo.
    pub welcome: Vec<u8>,
    /// Bo's records before he joined.
    pub before: Records,
    /// Bo's records after.
    pub joined: Records,
    /// The room as the server stores it.
    pub room: Vec<u8>,
    /// A message of Ana's.
    pub message: Vec<u8>,
    /// A commit of Ana's that renews her keys.
    pub renewed: Commit,
}

/// The story, told once.
pub static STORY: LazyLock<Story> = LazyLock::new(|| tell(Suite::Classic));
/// The same in a room that withstands a quantum computer.
pub static POST_QUANTUM: LazyLock<Story> = LazyLock::new(|| tell(Suite::PostQuantum));

/// In seconds since 1970: OpenMLS reads the same clock.
pub fn now() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.expect("a clock after 1970").as_secs()
}

/// A generator for one operation.
pub fn rng(seed: u8) -> ChaCha20Rng {
    ChaCha20Rng::from_seed([seed; 32])
}

/// The account key of a person.
pub fn account(user: Uuid) -> AccountKey {
    AccountKey::generate(&mut rng(user.as_bytes()[15]))
}

/// A person's device with its records.
pub fn client(user: Uuid, records: Records) -> Client {
    let seed = user.as_bytes()[15] + 100;
    let keys = DeviceKeys::generate(user, user, &account(user), 1, &mut rng(seed));
    Client::new(keys, records)
}

fn tell(suite: Suite) -> Story {
    let (mut ana, mut bo) = (client(ANA, Vec::new()), client(BO, Vec::new()));
    let package = bo
        .key_package(suite, now(), &mut rng(10))
        .expect("a key package");
    let before = kept(&mut bo, Vec::new());
    let checked = key_package::inspect(&package, now()).expect("a good key package");
    let NewRoom { commit: made, tree } = ana
        .create_room(
            ROOM,
            suite,
            Kind::Direct,
            &[ANA, BO],
            &[checked],
            &mut rng(11),
        )
        .expect("a room");
    ana.merge_own(ROOM).expect("its first epoch");
    let room = PublicRoom::create(ROOM, Kind::Direct, (ANA, ANA), &made.group_info, &tree)
        .expect("the server's room");
    let parts = welcome::split(made.welcome.as_deref().expect("a welcome")).expect("one part");
    let welcome = parts.into_iter().next().expect("one part").welcome;
    bo.join(ROOM, &welcome, &tree, &mut rng(12))
        .expect("Bo joins");
    let joined = kept(&mut bo, before.clone());
    let message = ana.seal(ROOM, b"hello", &mut rng(13)).expect("a message");
    let renewed = ana.commit(ROOM, &[], &[], &mut rng(14)).expect("a commit");
    Story {
        key_package: package,
        made,
        tree,
        welcome,
        before,
        joined,
        room: room.to_state().expect("a state"),
        message,
        renewed,
    }
}

/// Records after a step.
fn kept(client: &mut Client, mut records: Records) -> Records {
    for (key, value) in client.take_changes() {
        records.retain(|(known, _)| *known != key);
        records.extend(value.map(|value| (key, value)));
    }
    records
}
