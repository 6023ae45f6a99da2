//! Messages of rooms, and what the server keeps of them.

use e2ee::{Kind, Opened, PublicRoom, framing, fuzzing, welcome};

use crate::{
    Target,
    parts::{cut, join},
    story::{ANA, BO, ROOM, STORY, client, rng},
};

/// A commit and its group info, as the server takes them.
pub const COMMIT: Target = Target {
    name: "commit",
    run: |bytes| {
        let Some([commit, group_info]) = cut(bytes) else {
            return false;
        };
        let mut room = PublicRoom::load(&STORY.room).expect("what was stored");
        let epoch = room.epoch();
        if room.accept((ANA, ANA), commit, group_info).is_err() {
            assert_eq!(room.to_state().expect("a state"), STORY.room);
            return false;
        }
        assert_eq!(room.epoch(), epoch + 1);
        true
    },
    seeds: || vec![join(&[&STORY.renewed.commit, &STORY.renewed.group_info])],
};

/// A message of any kind, by its outside.
pub const FRAMING: Target = Target {
    name: "framing",
    run: |bytes| framing::inspect(bytes).is_ok(),
    seeds: || vec![STORY.message.clone(), STORY.renewed.commit.clone()],
};

/// A welcome and the ratchet tree of its epoch, as a device takes them.
pub const JOIN: Target = Target {
    name: "join",
    run: |bytes| {
        let Some([welcome, tree]) = cut(bytes) else {
            return false;
        };
        let mut bo = client(BO, STORY.before.clone());
        let joined = bo.join(ROOM, welcome, tree, &mut rng(20)).is_ok();
        if !joined {
            bo.rollback();
            assert_eq!(bo.epoch(ROOM), None);
        }
        joined
    },
    seeds: || vec![join(&[&STORY.welcome, &STORY.tree])],
};

/// A message or commit, as a device in the room opens it.
pub const MESSAGE: Target = Target {
    name: "message",
    run: |bytes| {
        let mut bo = client(BO, STORY.joined.clone());
        match bo.open(ROOM, ANA, ANA, bytes, &mut rng(21)) {
            Ok(Opened::Application(_)) => true,
            Ok(Opened::Commit(change)) => {
                assert_eq!(bo.epoch(ROOM), Some(change.epoch));
                true
            }
            Ok(Opened::OwnCommit) | Err(_) => {
                bo.rollback();
                assert_eq!(bo.epoch(ROOM), Some(1));
                false
            }
        }
    },
    seeds: || vec![STORY.message.clone(), STORY.renewed.commit.clone()],
};

/// The group info and ratchet tree of a new room, as the server takes them.
pub const PUBLIC_ROOM: Target = Target {
    name: "public_room",
    run: |bytes| {
        let _ = PublicRoom::load(bytes);
        let Some([group_info, tree]) = cut(bytes) else {
            return false;
        };
        let Ok(room) = PublicRoom::create(ROOM, Kind::Direct, (ANA, ANA), group_info, tree) else {
            return false;
        };
        let state = room.to_state().expect("a state");
        let again = PublicRoom::load(&state).expect("what was stored");
        assert_eq!(again.to_state().expect("a state"), state);
        true
    },
    seeds: || vec![join(&[&STORY.made.group_info, &STORY.tree])],
};

/// A group info and the ratchet tree of its epoch, as a device takes them that comes back.
pub const REJOIN: Target = Target {
    name: "rejoin",
    run: |bytes| {
        let Some([group_info, tree]) = cut(bytes) else {
            return false;
        };
        let mut bo = client(BO, STORY.joined.clone());
        let Ok(commit) = bo.rejoin(ROOM, group_info, tree, &mut rng(24)) else {
            bo.rollback();
            assert_eq!(bo.epoch(ROOM), Some(1));
            return false;
        };
        let mut room = PublicRoom::load(&STORY.room).expect("what was stored");
        // The server takes it, or the device was shown another room.
        let _ = room.accept((BO, BO), &commit.commit, &commit.group_info);
        true
    },
    seeds: || vec![join(&[&STORY.made.group_info, &STORY.tree])],
};

/// The number of a stored record and another value for it: a device goes on or says that it cannot.
pub const RECORDS: Target = Target {
    name: "records",
    run: |bytes| {
        let Some((number, value)) = bytes.split_first() else {
            return false;
        };
        let mut records = STORY.joined.clone();
        let number = usize::from(*number) % records.len();
        records[number].1 = value.to_vec();
        let mut bo = client(BO, records);
        let opened = bo
            .open(ROOM, ANA, ANA, &STORY.message, &mut rng(22))
            .is_ok();
        if !opened {
            bo.rollback();
        }
        let _ = bo.members(ROOM);
        let _ = bo.seal(ROOM, b"hello", &mut rng(23));
        opened
    },
    seeds: || {
        let values = STORY.joined.iter().map(|(_, value)| value.as_slice());
        (0..)
            .zip(values)
            .map(|(number, value)| [&[number], value].concat())
            .collect()
    },
};

/// A room's policy.
pub const ROOM_POLICY: Target = Target {
    name: "room_policy",
    run: |bytes| {
        let Some(again) = fuzzing::room_policy(bytes) else {
            return false;
        };
        assert_eq!(again, bytes);
        true
    },
    seeds: || {
        let admins = [ANA.as_bytes().as_slice(), BO.as_bytes()].concat();
        vec![[&[1, 1, 0, 2], admins.as_slice()].concat()]
    },
};

/// A welcome, as the server cuts it.
pub const WELCOME: Target = Target {
    name: "welcome",
    run: |bytes| {
        let Ok(parts) = welcome::split(bytes) else {
            return false;
        };
        for part in &parts {
            let again = welcome::split(&part.welcome).expect("what was cut");
            assert_eq!(again.as_slice(), std::slice::from_ref(part));
        }
        true
    },
    seeds: || vec![STORY.welcome.clone()],
};
