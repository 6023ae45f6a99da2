//! Who is in a room: invitations, leaving, removals, and what is told of it.

use std::collections::BTreeSet;

use engine::{Outcome, ServerEvent};
use protocol::{
    Code, DeviceId, RoomId, UserId,
    rest::rooms::{Mark, Room as ListedRoom, RoomKind},
    socket::{AddedDevice, CommitWanted, ContactChange, WelcomeEvent},
};
use rand_core::Rng;

use super::{Answer, Room, Server, answer, refused};

impl Server {
    pub(super) fn welcome(
        &mut self,
        room_id: RoomId,
        welcome: Option<&[u8]>,
        devices: &[AddedDevice],
        epoch: u64,
        seq: u64,
    ) {
        let parts = welcome.map_or(Vec::new(), |welcome| e2ee::welcome::split(welcome).unwrap());
        for added in devices {
            let part = parts
                .iter()
                .find(|part| part.reference == added.key_package_ref.as_ref())
                .unwrap();
            let event = WelcomeEvent {
                room_id,
                message: part.welcome.clone().into(),
                epoch,
                seq,
            };
            self.welcomes
                .insert((added.device_id, room_id), event.clone());
            self.send_to_device(added.device_id, &ServerEvent::Welcome(event));
        }
    }

    /// A person leaves a group: refused at once, removed by whoever commits next.
    pub(super) fn leave(&mut self, user: UserId, id: &str) -> Answer {
        let room_id: RoomId = id.parse().unwrap();
        let room = self.rooms.get_mut(&room_id);
        let Some(room) = room.filter(|room| room.people.contains(&user)) else {
            return refused(Code::NotAMember);
        };
        assert_eq!(room.kind, RoomKind::Group);
        let admins = &room.public.policy().admins;
        let mut staying = room.people.iter().filter(|other| **other != user);
        let headless = !staying.clone().any(|other| admins.contains(&other.0));
        if staying.next().is_some() && headless {
            return refused(Code::LastAdmin);
        }
        room.people.remove(&user);
        room.away.remove(&user);
        let head = room.head;
        for (device, member) in &mut room.members {
            if member.user == user && member.left.is_none() {
                member.left = Some(head);
                room.removals.insert(*device);
            }
        }
        if room.people.is_empty() {
            room.removals.clear();
        }
        self.ask_for_removals();
        Ok(serde_json::Value::Null)
    }

    /// One of two people gives their room up: both look for the other's keys again.
    pub(super) fn close(&mut self, user: UserId, id: &str) -> Answer {
        let room_id: RoomId = id.parse().unwrap();
        let room = self.rooms.get_mut(&room_id);
        let Some(room) = room.filter(|room| room.people.contains(&user)) else {
            return refused(Code::NotAMember);
        };
        assert_eq!(room.kind, RoomKind::Direct);
        room.open = false;
        let people: Vec<_> = room.people.iter().copied().collect();
        for (me, other) in [(people[0], people[1]), (people[1], people[0])] {
            self.tell_contact(me, other, ContactChange::Keys);
        }
        Ok(serde_json::Value::Null)
    }

    /// Asks one member device of each room with pending removals to commit them.
    pub(crate) fn ask_for_removals(&mut self) {
        let mut asked = Vec::new();
        for (room_id, room) in &self.rooms {
            if room.removals.is_empty() {
                continue;
            }
            let online: Vec<_> = self
                .sockets
                .values()
                .filter_map(|socket| socket.device)
                .filter(|device| room.is_member(*device) && !room.removals.contains(device))
                .collect();
            if !online.is_empty() {
                let pick = online[self.rng.next_u32() as usize % online.len()];
                let wanted = CommitWanted {
                    room_id: *room_id,
                    remove: room.removals.iter().copied().collect(),
                    absent: room.due_and_away(),
                };
                asked.push((pick, ServerEvent::CommitWanted(wanted)));
            }
        }
        for (device, event) in asked {
            self.send_to_device(device, &event);
        }
    }

    pub(super) fn group_info(&mut self, user: UserId, id: &str) -> Outcome {
        let room: RoomId = id.parse().unwrap();
        let room = self.rooms.get(&room);
        match room.filter(|room| room.people.contains(&user)) {
            Some(room) => {
                let shown = self.shown_group.as_ref().map(|(info, _)| &**info);
                let mut info = shown.unwrap_or(room.public.group_info()).to_vec();
                if let Some(suite) = self.claimed_suite {
                    // Behind the headers of message and context.
                    info[6..8].copy_from_slice(&suite.to_be_bytes());
                }
                Outcome::Bytes { value: info.into() }
            }
            None => Outcome::Problem {
                problem: Code::NotAMember.into(),
            },
        }
    }

    pub(super) fn tree(&mut self, id: &str, query: &str) -> Outcome {
        let room: RoomId = id.parse().unwrap();
        let epoch = query.trim_start_matches("epoch=").parse().ok();
        let room = self.rooms.get(&room);
        let tree = match (&self.shown_group, epoch) {
            (Some((_, tree)), None) => Some(tree),
            _ => room.and_then(|room| room.trees.get(&epoch.unwrap_or(room.public.epoch()))),
        };
        match tree {
            Some(tree) => Outcome::Bytes {
                value: tree.clone().into(),
            },
            None => Outcome::Problem {
                problem: Code::NotFound.into(),
            },
        }
    }

    pub(super) fn list_rooms(&mut self, user: UserId) -> Answer {
        let rooms = self.rooms.iter();
        let mine = rooms.filter(|(_, room)| room.people.contains(&user));
        let listed: Vec<_> = mine
            .map(|(room_id, room)| ListedRoom {
                room_id: *room_id,
                kind: room.kind,
                epoch: room.public.epoch(),
                seq: room.head,
                members: room.people.iter().copied().collect(),
                admins: room.admins(),
                open: room.open,
                delivered: room
                    .people
                    .iter()
                    .filter(|other| **other != user)
                    .map(|other| Mark {
                        user_id: *other,
                        seq: room.delivered(*other),
                    })
                    .collect(),
                read: room
                    .read
                    .iter()
                    .map(|(user_id, seq)| Mark {
                        user_id: *user_id,
                        seq: *seq,
                    })
                    .collect(),
            })
            .collect();
        answer(&listed)
    }
}

impl Room {
    /// The devices of somebody are being shut out: they are away once none is left.
    pub(crate) fn may_be_away(&mut self, user: UserId) {
        let mut members = self.members.iter();
        let stays = members.any(|(device, member)| {
            member.user == user && member.left.is_none() && !self.removals.contains(device)
        });
        if self.kind == RoomKind::Group && !stays && self.people.contains(&user) {
            self.away.insert(user);
        }
    }

    /// Who is away and has a leaf that is to be removed.
    pub(crate) fn due_and_away(&self) -> Vec<UserId> {
        let members = self.public.members().unwrap();
        let standing: BTreeSet<_> = members.iter().map(|it| UserId(it.user)).collect();
        self.away.intersection(&standing).copied().collect()
    }
}

impl Room {
    pub(crate) fn is_member(&self, device: DeviceId) -> bool {
        let member = self.members.get(&device);
        member.is_some_and(|member| member.left.is_none())
    }

    pub(crate) fn delivered(&self, user: UserId) -> u64 {
        let devices = self.members.values();
        let acked = devices.filter(|member| member.user == user);
        acked.map(|member| member.acked).max().unwrap_or(0)
    }

    /// Its admins who are in it.
    pub(crate) fn admins(&self) -> Vec<UserId> {
        let admins = self.public.policy().admins.iter();
        let admins = admins.map(|admin| UserId::from(*admin));
        admins.filter(|user| self.people.contains(user)).collect()
    }

    pub(super) fn devices(&self) -> BTreeSet<DeviceId> {
        let members = self.public.members().unwrap();
        members.iter().map(|member| member.device.into()).collect()
    }
}
