//! Messages of rooms, and what the server keeps of them.

use e2ee::{Kind, Opened, PublicRoom, framing, fuzzing, welcome};

use crate::{
    Target,
    parts::{cut, join},
    story::{ANA, BO, ROOM, STORY, Story, client, rng},
};

/// A commit and its group info, as the server takes them.
pub const COMMIT: Target = Target {
    name: "commit",
    run: |bytes| commit(&STORY, bytes),
    seeds: || commit_seeds(&STORY),
};

pub fn commit(story: &Story, bytes: &[u8]) -> bool {
    let Some([commit, group_info]) = cut(bytes) else {
        return false;
    };
    let mut room = PublicRoom::load(&story.room).expect("what was stored");
    let epoch = room.epoch();
    if room.accept((ANA, ANA), commit, group_info).is_err() {
        assert_eq!(room.to_state().expect("a state"), story.room);
        return false;
    }
    assert_eq!(room.epoch(), epoch + 1);
    true
}

pub fn commit_seeds(story: &Story) -> Vec<Vec<u8>> {
    vec![join(&[&story.renewed.commit, &story.renewed.group_info])]
}

/// A message of any kind, by its outside.
pub const FRAMING: Target = Target {
    name: "framing",
    run: |bytes| framing::inspect(bytes).is_ok(),
    seeds: || vec![STORY.message.clone(), STORY.renewed.commit.clone()],
};

/// A welcome and the ratchet tree of its epoch, as a device takes them.
pub const JOIN: Target = Target {
    name: "join",
    run: |bytes| join_room(&STORY, bytes),
    seeds: || join_room_seeds(&STORY),
};

pub fn join_room(story: &Story, bytes: &[u8]) -> bool {
    let Some([welcome, tree]) = cut(bytes) else {
        return false;
    };
    let mut bo = client(BO, story.before.clone());
    let joined = bo.join(ROOM, welcome, tree, &mut rng(20)).is_ok();
    if !joined {
        bo.rollback();
        assert_eq!(bo.epoch(ROOM), None);
    }
    joined
}

pub fn join_room_seeds(story: &Story) -> Vec<Vec<u8>> {
    vec![join(&[&story.welcome, &story.tree])]
}

/// A message or commit, as a device in the room opens it.
pub const MESSAGE: Target = Target {
    name: "message",
    run: |bytes| message(&STORY, bytes),
    seeds: || message_seeds(&STORY),
};

pub fn message(story: &Story, bytes: &[u8]) -> bool {
    let mut bo = client(BO, story.joined.clone());
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
}

pub fn message_seeds(story: &Story) -> Vec<Vec<u8>> {
    vec![story.message.clone(), story.renewed.commit.clone()]
}

/// The group info and ratchet tree of a new room, as the server takes them.
pub const PUBLIC_ROOM: Target = Target {
    name: "public_room",
    run: |bytes| public_room(&STORY, bytes),
    seeds: || public_room_seeds(&STORY),
};

pub fn public_room(_: &Story, bytes: &[u8]) -> bool {
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
}

pub fn public_room_seeds(story: &Story) -> Vec<Vec<u8>> {
    vec![join(&[&story.made.group_info, &story.tree])]
}

/// A group info and the ratchet tree of its epoch, as a device takes them that comes back.
pub const REJOIN: Target = Target {
    name: "rejoin",
    run: |bytes| rejoin(&STORY, bytes),
    seeds: || rejoin_seeds(&STORY),
};

pub fn rejoin(story: &Story, bytes: &[u8]) -> bool {
    let Some([group_info, tree]) = cut(bytes) else {
        return false;
    };
    let mut bo = client(BO, story.joined.clone());
    let standing = bo.compare(ROOM, group_info);
    let Ok(commit) = bo.rejoin(ROOM, group_info, tree, &mut rng(24)) else {
        bo.rollback();
        assert_eq!(bo.epoch(ROOM), Some(1));
        return false;
    };
    // What can be joined can be compared with what was here.
    standing.expect("a group info of this room");
    let mut room = PublicRoom::load(&story.room).expect("what was stored");
    // The server takes it, or the device was shown another room.
    let _ = room.accept((BO, BO), &commit.commit, &commit.group_info);
    true
}

pub fn rejoin_seeds(story: &Story) -> Vec<Vec<u8>> {
    vec![join(&[&story.made.group_info, &story.tree])]
}

/// The number of a stored record and another value for it: a device goes on or says that it cannot.
pub const RECORDS: Target = Target {
    name: "records",
    run: |bytes| records(&STORY, bytes),
    seeds: || records_seeds(&STORY),
};

pub fn records(story: &Story, bytes: &[u8]) -> bool {
    let Some((number, value)) = bytes.split_first() else {
        return false;
    };
    let mut records = story.joined.clone();
    let number = usize::from(*number) % records.len();
    records[number].1 = value.to_vec();
    let mut bo = client(BO, records);
    let opened = bo
        .open(ROOM, ANA, ANA, &story.message, &mut rng(22))
        .is_ok();
    if !opened {
        bo.rollback();
    }
    let _ = bo.members(ROOM);
    let _ = bo.seal(ROOM, b"hello", &mut rng(23));
    opened
}

pub fn records_seeds(story: &Story) -> Vec<Vec<u8>> {
    let values = story.joined.iter().map(|(_, value)| value.as_slice());
    (0..)
        .zip(values)
        .map(|(number, value)| [&[number], value].concat())
        .collect()
}

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
