//! How far everybody has come in each room.
//!
//! Apart from the rooms, whose rows are written with every message, and in parts: a message to a
//! room of 1,000 is followed by two receipts from each, and each of them writes one part anew.

use std::{collections::BTreeMap, fmt};

use protocol::{RoomId, UserId};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Room, State};
use crate::table::{Batch, Table};

/// Parts of a room's marks: about 30 people, and 2 kB, in each of those of the largest.
const PARTS: u8 = 32;

/// How far somebody has come: delivered to one of their devices, and read. 0 for not at all.
#[derive(Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Mark {
    #[serde(rename = "d", default)]
    pub(crate) delivered: u64,
    #[serde(rename = "r", default)]
    pub(crate) read: u64,
}

/// Some of the people of a room.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Part {
    room: RoomId,
    part: u8,
}

impl Part {
    fn of(room: RoomId, user: UserId) -> Self {
        // The end of an id is random, its beginning is a time.
        let part = user.as_bytes().last().map_or(0, |byte| byte % PARTS);
        Self { room, part }
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.room, self.part)
    }
}

/// The marks of all rooms, stored under `state/mark/<room>.<part>`.
pub(crate) struct Marks(Table<Part, BTreeMap<UserId, Mark>>);

impl Marks {
    pub(super) const fn new() -> Self {
        Self(Table::new("state/mark/"))
    }

    /// Takes a loaded part; `None` when it does not read.
    pub(super) fn restore(&mut self, id: &str, value: &[u8]) -> Option<()> {
        let (room, part) = id.split_once('.')?;
        let room = RoomId(room.parse::<Uuid>().ok()?);
        let part = part.parse().ok().filter(|part| *part < PARTS)?;
        self.0.restore(Part { room, part }, value).ok()
    }

    pub(super) fn flush(&mut self, batch: &mut Batch) {
        self.0.flush(batch);
    }

    pub(crate) fn of(&self, room: RoomId, user: UserId) -> Mark {
        let part = self.0.get(Part::of(room, user));
        let mark = part.and_then(|part| part.get(&user));
        mark.copied().unwrap_or_default()
    }

    pub(crate) fn edit(&mut self, room: RoomId, user: UserId) -> &mut Mark {
        let part = self.0.edit_or(Part::of(room, user), BTreeMap::new);
        part.entry(user).or_default()
    }

    /// The room is given up.
    pub(crate) fn forget(&mut self, room: RoomId) {
        for part in 0..PARTS {
            self.0.remove(Part { room, part });
        }
    }
}

impl State {
    /// Takes over what earlier versions kept in the rooms' own rows.
    pub(super) fn move_marks(&mut self) {
        let old = |room: &Room| !room.old_delivered.is_empty() || !room.old_read.is_empty();
        let rooms = self.rooms.iter().filter(|(_, room)| old(room));
        let rooms: Vec<RoomId> = rooms.map(|(id, _)| id).collect();
        for id in rooms {
            let Some(room) = self.rooms.edit(id) else {
                continue;
            };
            for (user, seq) in std::mem::take(&mut room.old_delivered) {
                let mark = self.marks.edit(id, user);
                mark.delivered = mark.delivered.max(seq);
            }
            for (user, seq) in std::mem::take(&mut room.old_read) {
                let mark = self.marks.edit(id, user);
                mark.read = mark.read.max(seq);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use protocol::rest::rooms::RoomKind;

    use super::*;
    use crate::{ConversationId, Record, state::Stage};

    const ROOM: RoomId = RoomId::from_bytes([1; 16]);
    const ANN: UserId = UserId::from_bytes([2; 16]);
    const BO: UserId = UserId::from_bytes([3; 16]);

    /// What a state writes, as it is stored then.
    fn written(state: &mut State) -> Vec<Record> {
        let mut batch = Batch::default();
        state.flush(&mut batch);
        batch.split().map(|(puts, _)| puts).unwrap_or_default()
    }

    #[test]
    fn marks_in_the_rooms_row_are_taken_over_once() {
        let conversation = ConversationId::group(ROOM);
        let room = Room::new(conversation, RoomKind::Group, 0, Stage::Active, 0);
        let mut room = serde_json::to_value(room).unwrap();
        room["delivered"] = serde_json::json!({ ANN.to_string(): 5, BO.to_string(): 4 });
        room["read"] = serde_json::json!({ ANN.to_string(): 3 });
        let record = Record {
            key: format!("state/room/{ROOM}"),
            value: serde_json::to_vec(&room).unwrap().into(),
        };
        let (mut state, _) = State::load(vec![record]);
        let check = |state: &State| {
            let marks = [ANN, BO].map(|user| state.marks.of(ROOM, user));
            assert_eq!(
                marks.map(|mark| (mark.delivered, mark.read)),
                [(5, 3), (4, 0)]
            );
        };
        check(&state);
        let stored = written(&mut state);
        let row = stored.iter().find(|it| it.key.starts_with("state/room/"));
        let row = serde_json::from_slice::<serde_json::Value>(row.unwrap().value.as_ref()).unwrap();
        assert!(row.get("delivered").is_none() && row.get("read").is_none());

        let (mut state, _) = State::load(stored);
        check(&state);
        assert!(
            written(&mut state)
                .iter()
                .all(|it| !it.key.starts_with("state/room/"))
        );
    }

    #[test]
    fn a_receipt_writes_the_part_of_its_person() {
        let (mut state, _) = State::load(Vec::new());
        for last in 0..=255 {
            let mut user = [7; 16];
            user[15] = last;
            state.marks.edit(ROOM, UserId::from_bytes(user)).delivered = 1;
        }
        assert_eq!(written(&mut state).len(), usize::from(PARTS));
        state.marks.edit(ROOM, ANN).read = 2;
        assert_eq!(written(&mut state).len(), 1);
        state.marks.forget(ROOM);
        assert!(state.marks.of(ROOM, ANN) == Mark::default());
    }
}
