//! People and devices, and a room of two.

use std::time::{SystemTime, UNIX_EPOCH};

use e2ee::{
    AccountKey, CheckedKeyPackage, Client, Commit, DeviceKeys, Error, Kind, NewRoom, Opened,
    PublicRoom, Suite, key_package, welcome,
};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use uuid::Uuid;

pub const ROOM: Uuid = Uuid::from_u128(0x4000);

/// The same in a whole run, so that two runs of a story compare: lifetimes hold it.
pub fn now() -> u64 {
    static NOW: std::sync::LazyLock<u64> = std::sync::LazyLock::new(|| {
        SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap()
            .as_secs()
    });
    *NOW
}

pub fn rng(seed: u8) -> ChaCha20Rng {
    ChaCha20Rng::from_seed([seed; 32])
}

pub struct Person {
    pub user: Uuid,
    pub account: AccountKey,
}

impl Person {
    pub fn new(n: u8) -> Self {
        Self {
            user: Uuid::from_u128(n.into()),
            account: AccountKey::generate(&mut rng(n)),
        }
    }

    pub fn device(&self, n: u8) -> Device {
        let id = Uuid::from_u128(0x100 + u128::from(n));
        let keys = DeviceKeys::generate(self.user, id, &self.account, now(), &mut rng(n));
        Device {
            user: self.user,
            id,
            client: Client::new(keys, []),
            rng: rng(n ^ 0x80),
        }
    }
}

pub struct Device {
    pub user: Uuid,
    pub id: Uuid,
    pub client: Client,
    pub rng: ChaCha20Rng,
}

impl Device {
    pub fn name(&self) -> (Uuid, Uuid) {
        (self.user, self.id)
    }

    pub fn package(&mut self) -> CheckedKeyPackage {
        self.package_of(Suite::Classic)
    }

    pub fn package_of(&mut self, suite: Suite) -> CheckedKeyPackage {
        let bytes = self
            .client
            .key_package(suite, now(), &mut self.rng)
            .unwrap();
        self.client.take_changes();
        key_package::inspect(&bytes, now()).unwrap()
    }

    pub fn join(&mut self, made: &Commit, tree: &[u8]) {
        let parts = welcome::split(made.welcome.as_ref().unwrap()).unwrap();
        let reference = &made
            .added
            .iter()
            .find(|(device, _)| *device == self.id)
            .unwrap()
            .1;
        let part = &parts
            .iter()
            .find(|part| part.reference == *reference)
            .unwrap()
            .welcome;
        self.client.join(ROOM, part, tree, &mut self.rng).unwrap();
        self.client.take_changes();
    }

    pub fn seal(&mut self, text: &str) -> Vec<u8> {
        let sealed = self
            .client
            .seal(ROOM, text.as_bytes(), &mut self.rng)
            .unwrap();
        self.client.take_changes();
        sealed
    }

    pub fn open(&mut self, from: (Uuid, Uuid), message: &[u8]) -> Result<Opened, Error> {
        let opened = self
            .client
            .open(ROOM, from.0, from.1, message, &mut self.rng);
        match &opened {
            Ok(_) => drop(self.client.take_changes()),
            Err(_) => self.client.rollback(),
        }
        opened
    }

    pub fn read(&mut self, from: &Device, message: &[u8]) -> String {
        match self.open(from.name(), message).unwrap() {
            Opened::Application(text) => String::from_utf8(text.to_vec()).unwrap(),
            other => panic!("{other:?}"),
        }
    }
}

/// Ana and Bo, one device each, in a direct room that the server knows.
pub fn direct_room() -> (Device, Device, PublicRoom) {
    direct_room_of(Suite::Classic)
}

pub fn direct_room_of(suite: Suite) -> (Device, Device, PublicRoom) {
    let (ana, bo) = (Person::new(1), Person::new(2));
    let (mut a, mut b) = (ana.device(1), bo.device(2));
    let package = b.package_of(suite);
    let NewRoom { commit: made, tree } = a
        .client
        .create_room(
            ROOM,
            suite,
            Kind::Direct,
            &[ana.user, bo.user],
            &[package],
            &mut a.rng,
        )
        .unwrap();
    a.client.take_changes();
    let room = PublicRoom::create(ROOM, Kind::Direct, a.name(), &made.group_info, &tree).unwrap();
    assert_eq!(a.client.merge_own(ROOM).unwrap(), 1);
    a.client.take_changes();
    b.join(&made, &tree);
    (a, b, room)
}

pub fn same_epoch(devices: &mut [&mut Device]) {
    let first = devices[0].client.epoch_authenticator(ROOM).unwrap();
    for device in devices {
        assert_eq!(device.client.epoch_authenticator(ROOM).unwrap(), first);
    }
}
