//! What differs in rooms that withstand a quantum computer: keys of ML-KEM-768 and X25519, the sizes
//! that come of them, AES-128-GCM.

use e2ee::key_package;

use crate::{
    Target, rooms,
    story::{POST_QUANTUM, Story, now},
};

/// What reads, and bytes that it accepts.
type Reader = (fn(&Story, &[u8]) -> bool, fn(&Story) -> Vec<Vec<u8>>);

const READERS: [Reader; 7] = [
    (rooms::commit, rooms::commit_seeds),
    (rooms::join_room, rooms::join_room_seeds),
    (rooms::message, rooms::message_seeds),
    (rooms::public_room, rooms::public_room_seeds),
    (rooms::rejoin, rooms::rejoin_seeds),
    (rooms::records, rooms::records_seeds),
    (
        |_, bytes| key_package::inspect(bytes, now()).is_ok(),
        |story| vec![story.key_package.clone()],
    ),
];

/// The number of a target of `rooms`, or of `key_package`, then what it takes, in such a room.
pub const ROOM: Target = Target {
    name: "post_quantum",
    run: |bytes| {
        let Some((number, bytes)) = bytes.split_first() else {
            return false;
        };
        READERS[usize::from(*number) % READERS.len()].0(&POST_QUANTUM, bytes)
    },
    seeds: || {
        let mut seeds = Vec::new();
        for (number, (_, made)) in (0u8..).zip(READERS) {
            let made = made(&POST_QUANTUM).into_iter();
            seeds.extend(made.map(|seed| [&[number], seed.as_slice()].concat()));
        }
        seeds
    },
};
