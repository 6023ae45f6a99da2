//! What rooms of each suite cost: sizes, and the time that each step takes on this machine.
//!
//! `cargo run --release -p e2ee --features post-quantum --example suites` prints the table of
//! `docs/encryption.md`, "Rooms that withstand a quantum computer".

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use e2ee::{AccountKey, Client, DeviceKeys, Kind, Opened, Suite, key_package, welcome};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use uuid::Uuid;

type Fault = Box<dyn std::error::Error>;

const ROOM: Uuid = Uuid::from_u128(1);
/// How often a room is made: the median of each figure is printed.
const ROUNDS: usize = 5;

fn main() -> Result<(), Fault> {
    println!(
        "| devices | suite | key package | first commit | welcome of one | update commit | message \
         | first commit | join | update | its reading | seal and open |"
    );
    println!("|---:|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|");
    for devices in [2, 10, 100] {
        for suite in Suite::ALL {
            let mut rounds = Vec::new();
            for _ in 0..ROUNDS {
                rounds.push(measure(*suite, devices)?);
            }
            let bytes = rounds[0].0.map(|size| format!("{size} B")).join(" | ");
            let mut medians = Vec::new();
            for step in 0..5 {
                let mut times: Vec<_> = rounds.iter().map(|round| round.1[step]).collect();
                times.sort_by(f64::total_cmp);
                medians.push(format!("{:.2} ms", times[ROUNDS / 2]));
            }
            println!(
                "| {devices} | {:#06x} | {bytes} | {} |",
                suite.number(),
                medians.join(" | ")
            );
        }
    }
    Ok(())
}

/// A room of so many devices, each another person's: bytes, then milliseconds.
fn measure(suite: Suite, devices: u16) -> Result<([usize; 5], [f64; 5]), Fault> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
    let rng = &mut ChaCha20Rng::from_seed([7; 32]);
    let mut people = Vec::new();
    for number in 0..u128::from(devices) {
        let account = AccountKey::generate(rng);
        let id = Uuid::from_u128(0x100 + number);
        people.push(Client::new(
            DeviceKeys::generate(id, id, &account, now, rng),
            [],
        ));
    }
    let mut packages = Vec::new();
    let mut package_size = 0;
    for person in &mut people[1..] {
        let package = person.key_package(suite, now, rng)?;
        package_size = package.len();
        packages.push(key_package::inspect(&package, now)?);
    }
    let id = |place: u128| Uuid::from_u128(0x100 + place);

    let (room, create) =
        timed(|| people[0].create_room(ROOM, suite, Kind::Group, &[id(0)], &packages, rng))?;
    people[0].merge_own(ROOM)?;
    let part = welcome::split(room.commit.welcome.as_deref().unwrap_or_default())?.remove(0);
    let (_, join) = timed(|| people[1].join(ROOM, &part.welcome, &room.tree, rng))?;
    let (renewed, update) = timed(|| people[1].commit(ROOM, &[], &[], rng))?;
    people[1].merge_own(ROOM)?;
    let (_, read) = timed(|| people[0].open(ROOM, id(1), id(1), &renewed.commit, rng))?;
    // The first message of an epoch makes its keys.
    let first = people[0].seal(ROOM, &[0; 96], rng)?;
    people[1].open(ROOM, id(0), id(0), &first, rng)?;
    let mut size = 0;
    let (_, message) = timed(|| {
        let sealed = people[0].seal(ROOM, &[0; 96], rng)?;
        size = sealed.len();
        people[1].open(ROOM, id(0), id(0), &sealed, rng)
    })
    .map(|(opened, time)| (matches!(opened, Opened::Application(_)), time))?;
    Ok((
        [
            package_size,
            room.commit.commit.len(),
            part.welcome.len(),
            renewed.commit.len(),
            size,
        ],
        [create, join, update, read, message],
    ))
}

fn timed<T, E>(work: impl FnOnce() -> Result<T, E>) -> Result<(T, f64), E> {
    let start = Instant::now();
    let done = work()?;
    Ok((done, start.elapsed().as_secs_f64() * 1000.0))
}
