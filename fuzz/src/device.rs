//! A whole device: what it stored, and what comes to it.

use std::sync::LazyLock;

use engine::{Input, fuzzing};
use stage::{Device, Disk, Line, Play, play, state_of};

use crate::{
    Target,
    parts::{cut, join},
};

/// Played once.
static PLAY: LazyLock<Play> = LazyLock::new(play);

/// Most records that are replaced at once.
const MOST_RECORDS: usize = 8;
/// Most inputs of a device.
const MOST_LINES: usize = 200;
/// Most bytes that a device may store beside what it had: so many times its input, and some.
const GROWTH: usize = 64;
const ROOM_TO_GROW: usize = 1 << 20;

fn size(disk: &Disk) -> usize {
    disk.iter()
        .map(|(key, value)| key.len() + value.as_ref().len())
        .sum()
}

/// What a device has stored reads, and it starts from it again.
fn check(device: Device, disk: usize, input: usize) {
    assert!(size(&device.disk) <= disk + GROWTH * input + ROOM_TO_GROW);
    assert_eq!(
        fuzzing::damaged(state_of(&device.disk)),
        Vec::<String>::new()
    );
    let mut again = Device::start(device.disk, PLAY.now + 1_000_000);
    again.step(Input::Started);
}

/// Records in place of those that are stored: number and value each.
pub const STATE: Target = Target {
    name: "state",
    run: |bytes| {
        let mut disk = PLAY.disk.clone();
        let keys: Vec<_> = state_of(&disk).into_iter().map(|it| it.key).collect();
        let mut rest = bytes;
        for _ in 0..MOST_RECORDS {
            let Some([record, tail]) = cut(rest) else {
                break;
            };
            rest = tail;
            let Some((number, value)) = record.split_first() else {
                continue;
            };
            let key = keys[usize::from(*number) % keys.len()].clone();
            disk.insert(key, value.to_vec().into());
        }
        let read = fuzzing::damaged(state_of(&disk)).is_empty();
        let before = size(&disk);
        let mut device = Device::start(disk, PLAY.now);
        // What stands there is described; then the server is reached.
        for input in PLAY.inputs.iter().take(2).cloned() {
            device.step(input);
        }
        device.step(Input::Tick);
        check(device, before, bytes.len());
        read
    },
    seeds: || {
        let records = state_of(&PLAY.disk).into_iter().zip(0u8..);
        let values = records.map(|(record, number)| [&[number], record.value.as_ref()].concat());
        values.map(|record| join(&[&record, b""])).collect()
    },
};

/// Lines of JSON, an input each; one that does not read is left out, as a host does.
pub const STEPS: Target = Target {
    name: "steps",
    run: |bytes| {
        let mut device = Device::start(PLAY.disk.clone(), PLAY.now);
        let before = size(&device.disk);
        let mut all = true;
        for line in bytes.split(|byte| *byte == b'\n').take(MOST_LINES) {
            match serde_json::from_slice::<Line>(line) {
                Ok(line) => drop(device.step(line.input())),
                Err(_) => all = false,
            }
        }
        check(device, before, bytes.len());
        all
    },
    seeds: || {
        let lines = PLAY
            .inputs
            .iter()
            .map(|input| serde_json::to_vec(&Line::of(input)).expect("it has a form"));
        let lines: Vec<_> = lines.collect();
        let count = lines.len();
        // The beginning is what most of it stands on.
        [count.min(4), count.min(12), count.min(30), count]
            .map(|until| lines[..until].join(&b'\n'))
            .to_vec()
    },
};
