//! Going on although stored records do not read any more.
//!
//! What other records still say is put together from them. A room that lost a part of its state is
//! joined anew (`rejoin.rs`), which tells the person in one line; a device that lost its keys
//! begins as in a new browser, with its conversations and the keys of others.

use protocol::{RoomId, UserId, rest::rooms::RoomKind};
use uuid::Uuid;

use super::{Draft, MLS, Person, Registration, Ring, Room, Stage, State, Thread, from_hex};
use crate::{ConversationId, Fault};

/// Messages on their way out, by number.
pub(crate) const OUTBOX: &str = "state/outbox/";

impl State {
    /// Makes up for these records, as far as that can be done.
    pub(super) fn mend(&mut self, damaged: &[String]) {
        let mut rooms = Vec::new();
        for key in damaged {
            let id = key.rsplit('/').next().unwrap_or_default();
            if key.starts_with(OUTBOX) {
                self.lost_outgoing.extend(id.parse::<u64>());
            }
            let id = id.parse::<Uuid>().ok();
            if let Some(path) = key.strip_prefix(MLS) {
                rooms.extend(self.room_of_group(path));
                continue;
            }
            let Some(id) = id else { continue };
            if key.starts_with("state/person/") {
                self.pin_again(UserId(id));
            } else if key.starts_with("state/draft/") {
                self.give_up_making(RoomId(id));
                rooms.push(RoomId(id));
            } else if key.starts_with("state/roster/") {
                rooms.push(RoomId(id));
            }
        }
        self.restore_threads();
        rooms.extend(self.restore_rooms());
        for room in rooms {
            if let Some(room) = self.rooms.edit(room)
                && room.stage == Stage::Active
                && room.fault != Some(Fault::Broken)
            {
                room.fault = Some(Fault::Lost);
                room.rejoining = false;
            }
            self.drafts.remove(room);
        }
    }

    /// Whether a record is kept until the person was told what it was.
    pub(super) fn is_lost_outgoing(&self, key: &str) -> bool {
        let number = key.strip_prefix(OUTBOX).and_then(|it| it.parse().ok());
        number.is_some_and(|number| self.lost_outgoing.contains(&number))
    }

    /// Without the keys no group can be used: what is left of this device is given up.
    pub(super) fn begin_anew(&mut self) {
        if let Some(account) = self.account.get()
            && account.registration == Registration::Done
        {
            let device = account.device_id;
            self.ring.edit_or(Ring::default).replaced.insert(device);
        }
        self.account.set(None);
        self.upload.set(None);
        self.rosters.clear();
        self.drafts.clear();
        for number in self.outbox.keys() {
            if let Some(outgoing) = self.outbox.edit(number) {
                outgoing.sealed = None;
            }
        }
        for conversation in self.threads.keys() {
            if let Some(thread) = self.threads.edit(conversation) {
                thread.room = None;
                thread.awaiting = None;
            }
        }
        for room in self.rooms.keys() {
            if let Some(room) = self.rooms.edit(room) {
                room.give_up_place();
            }
        }
    }

    /// A new room that lost its first commit, or what was to be made with it, was never made.
    fn give_up_making(&mut self, room_id: RoomId) {
        let Some(room) = self.rooms.edit(room_id) else {
            return;
        };
        if room.stage != Stage::Creating {
            return;
        }
        room.stage = Stage::Closed;
        let conversation = room.conversation;
        if let Some(thread) = self.threads.edit(conversation) {
            thread.room = None;
        }
    }

    /// The pin of a person, from a room that they are in: it was held against the pin then.
    fn pin_again(&mut self, user: UserId) {
        let leaves = self.rosters.iter().flat_map(|(_, leaves)| leaves);
        let mut keys = leaves.filter(|leaf| leaf.user == user);
        let key = keys.find_map(|leaf| <[u8; 32]>::try_from(leaf.account_key.as_ref()).ok());
        if let Some(key) = key {
            self.people.insert(user, Person::new(&key));
        }
    }

    /// Which room a record of the groups belongs to, by its key; that of a key package to none.
    fn room_of_group(&self, path: &str) -> Option<RoomId> {
        let key = from_hex(path)?;
        let holds = |room: &RoomId| key.windows(16).any(|part| part == room.as_bytes());
        self.rooms.keys().into_iter().find(holds)
    }

    /// Conversations whose rooms are still known.
    fn restore_threads(&mut self) {
        let mut rooms: Vec<_> = self
            .rooms
            .iter()
            .filter(|(_, room)| self.threads.get(room.conversation).is_none())
            .map(|(id, room)| {
                (
                    room.generation,
                    id,
                    room.conversation,
                    room.kind,
                    room.stage,
                )
            })
            .collect();
        rooms.sort_unstable_by_key(|(generation, id, ..)| (*generation, *id));
        for (_, id, conversation, kind, stage) in rooms {
            let thread = self.threads.edit_or(conversation, || match kind {
                RoomKind::Direct => Thread::direct(UserId(conversation.0)),
                RoomKind::Group => Thread::group(),
            });
            thread.rooms.push(id);
            thread.room = matches!(stage, Stage::Creating | Stage::Active).then_some(id);
        }
    }

    /// Rooms whose conversations are still known; those to be joined anew.
    fn restore_rooms(&mut self) -> Vec<RoomId> {
        let missing: Vec<(ConversationId, RoomKind, usize, RoomId, bool)> = self
            .threads
            .iter()
            .flat_map(|(conversation, thread)| {
                let rooms = thread.rooms.iter().enumerate();
                rooms.map(move |(generation, room)| {
                    let current = thread.room == Some(*room);
                    (conversation, thread.kind, generation, *room, current)
                })
            })
            .filter(|(_, _, _, room, _)| self.rooms.get(*room).is_none())
            .collect();
        let mut lost = Vec::new();
        for (conversation, kind, generation, id, current) in missing {
            let unmade = matches!(self.drafts.get(id), Some(Draft::Room(_)));
            let stage = match current {
                true if unmade => Stage::Creating,
                true => Stage::Active,
                false => Stage::Closed,
            };
            let generation = u32::try_from(generation).unwrap_or(u32::MAX);
            let room = Room::new(conversation, kind, generation, stage, 0);
            self.rooms.insert(id, room);
            if unmade {
                self.drafts.remove(id);
                self.give_up_making(id);
            } else if current {
                lost.push(id);
            }
        }
        lost
    }
}
