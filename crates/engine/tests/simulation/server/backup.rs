//! Copies of everything the server keeps, as its operator makes them.

use std::collections::{BTreeMap, BTreeSet};

use e2ee::PublicRoom;
use protocol::{AttachmentId, DeviceId, RoomId, UserId, socket::WelcomeEvent};

use super::{Account, Device, Room, Server, own::Own};

/// The databases and the files at one moment.
#[derive(Clone)]
pub(crate) struct Backup {
    users: BTreeMap<UserId, Account>,
    devices: BTreeMap<DeviceId, Device>,
    rooms: BTreeMap<RoomId, Room>,
    welcomes: BTreeMap<(DeviceId, RoomId), WelcomeEvent>,
    contacts: BTreeSet<(UserId, UserId)>,
    pictures: BTreeMap<AttachmentId, (RoomId, Vec<u8>)>,
    own: BTreeMap<UserId, Own>,
    gone: BTreeSet<UserId>,
}

impl Server {
    pub(crate) fn backup(&self) -> Backup {
        Backup {
            users: self.users.clone(),
            devices: self.devices.clone(),
            rooms: self.rooms.clone(),
            welcomes: self.welcomes.clone(),
            contacts: self.contacts.clone(),
            pictures: self.pictures.clone(),
            own: self.own.clone(),
            gone: self.gone.clone(),
        }
    }

    /// Puts a copy into the place of all there is. Sockets do not outlive that.
    pub(crate) fn restore(&mut self, backup: Backup) {
        self.set_back = true;
        self.refuses_removals = true;
        self.sockets.clear();
        self.out.clear();
        self.users = backup.users;
        self.devices = backup.devices;
        self.rooms = backup.rooms;
        self.welcomes = backup.welcomes;
        self.contacts = backup.contacts;
        self.pictures = backup.pictures;
        self.own = backup.own;
        self.gone = backup.gone;
    }
}

impl Clone for Room {
    fn clone(&self) -> Self {
        Self {
            kind: self.kind,
            people: self.people.clone(),
            away: self.away.clone(),
            public: PublicRoom::load(&self.public.to_state().unwrap()).unwrap(),
            open: self.open,
            head: self.head,
            log: self.log.clone(),
            members: self.members.clone(),
            first: self.first.clone(),
            messages: self.messages.clone(),
            commits: self.commits.clone(),
            creator: self.creator,
            trees: self.trees.clone(),
            removals: self.removals.clone(),
            read: self.read.clone(),
            senders: self.senders.clone(),
        }
    }
}
