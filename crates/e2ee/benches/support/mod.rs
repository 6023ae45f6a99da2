//! Rooms of so many people with one device each, seen from two of them.

#[cfg(not(target_arch = "wasm32"))]
use std::time::{SystemTime, UNIX_EPOCH};

use e2ee::{
    AccountKey, CheckedKeyPackage, Client, Commit, DeviceKeys, Kind, NewRoom, Opened, Suite,
    key_package, welcome,
};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use uuid::Uuid;
#[cfg(target_arch = "wasm32")]
use web_time::{SystemTime, UNIX_EPOCH};

/// The room of every benchmark.
pub const ROOM: Uuid = Uuid::from_u128(0x4000);

/// Members of a large room, the most that the server takes. Tests of the benchmarks, which are not
/// optimised, make do with fewer.
pub const LARGE: u32 = if cfg!(debug_assertions) { 9 } else { 1_000 };

/// What a line of text is before it is sealed: the smallest bucket.
pub const CONTENT: [u8; 96] = [7; 96];

/// OpenMLS compares key packages with the system's clock.
pub fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.unwrap().as_secs()
}

/// A device as it is stored, to be begun with again and again.
pub struct Stored {
    keys: Vec<u8>,
    records: Vec<(Vec<u8>, Vec<u8>)>,
    number: u32,
}

impl Stored {
    /// A new device of a person of this number, and its key package.
    pub fn new(number: u32) -> (Self, CheckedKeyPackage) {
        let mut rng = ChaCha20Rng::seed_from_u64(number.into());
        let account = AccountKey::generate(&mut rng);
        let (user, id) = (user(number), Uuid::from_u128(0x1_0000 + u128::from(number)));
        let keys = DeviceKeys::generate(user, id, &account, now(), &mut rng);
        let stored = keys.to_bytes().to_vec();
        let mut client = Client::new(keys, []);
        let package = client.key_package(Suite::Classic, now(), &mut rng);
        let package = key_package::inspect(&package.unwrap(), now()).unwrap();
        let records = client.take_changes().into_iter();
        let stored = Self {
            keys: stored,
            records: records
                .filter_map(|(key, value)| Some((key, value?)))
                .collect(),
            number,
        };
        (stored, package)
    }

    /// The device, loaded.
    pub fn load(&self) -> Device {
        let keys = DeviceKeys::from_bytes(&self.keys).unwrap();
        Device {
            name: (user(self.number), keys.credential().device),
            client: Client::new(keys, self.records.iter().cloned()),
            rng: ChaCha20Rng::seed_from_u64((1 << 32) + u64::from(self.number)),
        }
    }
}

/// A device that runs.
pub struct Device {
    name: (Uuid, Uuid),
    pub client: Client,
    pub rng: ChaCha20Rng,
}

impl Device {
    /// Makes the room with everybody else in its first commit.
    pub fn create(&mut self, packages: &[CheckedKeyPackage]) -> NewRoom {
        let (client, rng) = (&mut self.client, &mut self.rng);
        let (suite, kind) = (Suite::Classic, Kind::Group);
        let made = client.create_room(ROOM, suite, kind, &[self.name.0], packages, rng);
        client.take_changes();
        made.unwrap()
    }

    /// Joins by its part of the welcome.
    pub fn join(&mut self, welcome: &[u8], tree: &[u8]) {
        let joined = self.client.join(ROOM, welcome, tree, &mut self.rng);
        assert!(!joined.unwrap().is_empty());
        self.client.take_changes();
    }

    /// Seals a line of text; says how many bytes of state were written, too.
    pub fn seal(&mut self) -> (Vec<u8>, usize) {
        let sealed = self.client.seal(ROOM, &CONTENT, &mut self.rng).unwrap();
        (sealed, self.write())
    }

    /// Opens a message of another device; says how many bytes of state were written, too.
    pub fn open(&mut self, from: (Uuid, Uuid), message: &[u8]) -> (Opened, usize) {
        let (client, rng) = (&mut self.client, &mut self.rng);
        let opened = client.open(ROOM, from.0, from.1, message, rng).unwrap();
        (opened, self.write())
    }

    /// A commit of nothing but a path, pending.
    pub fn update(&mut self) -> Commit {
        let made = self.client.commit(ROOM, &[], &[], &mut self.rng).unwrap();
        self.write();
        made
    }

    /// Ends a step as the engine does, and counts what it would write: keys and values.
    fn write(&mut self) -> usize {
        let changes = self.client.take_changes().into_iter();
        let size = |(key, value): (Vec<u8>, Option<Vec<u8>>)| {
            key.len() + value.map_or(0, |value| value.len())
        };
        changes.map(size).sum()
    }
}

/// What the first commit of a room needs.
pub struct Guests {
    /// Who makes the room.
    pub creator: Stored,
    /// One of who is invited.
    pub guest: Stored,
    /// Of everybody who is invited.
    pub packages: Vec<CheckedKeyPackage>,
}

impl Guests {
    /// For a room of so many, the creator included.
    pub fn of(members: u32) -> Self {
        let (creator, _) = Stored::new(1);
        let (guest, package) = Stored::new(2);
        let others = (3..=members).map(|number| Stored::new(number).1);
        Self {
            creator,
            guest,
            packages: [package].into_iter().chain(others).collect(),
        }
    }

    /// The guest's part of the welcome.
    pub fn welcome(&self, made: &Commit) -> Vec<u8> {
        let parts = welcome::split(made.welcome.as_ref().unwrap()).unwrap();
        let reference = self.packages[0].reference();
        let mine = parts.into_iter().find(|part| part.reference == reference);
        mine.unwrap().welcome
    }
}

/// A room, on the devices of its creator and of a guest.
pub struct Room {
    pub ana: Device,
    pub bo: Device,
}

impl Room {
    /// A room of so many.
    pub fn of(members: u32) -> Self {
        let guests = Guests::of(members);
        let (mut ana, mut bo) = (guests.creator.load(), guests.guest.load());
        let NewRoom { commit, tree } = ana.create(&guests.packages);
        ana.client.merge_own(ROOM).unwrap();
        ana.write();
        bo.join(&guests.welcome(&commit), &tree);
        Self { ana, bo }
    }

    /// Ana writes, Bo reads; the bytes of state that each of them wrote.
    pub fn message(&mut self) -> (usize, usize) {
        let (sealed, written) = self.ana.seal();
        let (opened, read) = self.bo.open(self.ana.name, &sealed);
        assert!(matches!(opened, Opened::Application(content) if content[..] == CONTENT));
        (written, read)
    }

    /// Bo takes a commit of Ana.
    pub fn merge(&mut self, commit: &Commit) {
        let (opened, _) = self.bo.open(self.ana.name, &commit.commit);
        assert!(matches!(opened, Opened::Commit(_)));
    }

    /// Ana takes her own.
    pub fn merge_own(&mut self) {
        self.ana.client.merge_own(ROOM).unwrap();
        self.ana.write();
    }
}

fn user(number: u32) -> Uuid {
    Uuid::from_u128(number.into())
}
