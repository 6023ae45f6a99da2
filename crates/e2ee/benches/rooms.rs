//! What rooms cost a device: messages with their state, making a room, joining it, committing in it.
//!
//! `cargo bench -p e2ee` measures, on a quiet machine.

#![expect(clippy::unwrap_used, reason = "a benchmark fails by panicking")]

mod support;

use std::{
    fs,
    path::Path,
    time::{Duration, Instant},
};

use criterion::{BatchSize, BenchmarkId, Criterion, criterion_group};
use e2ee::NewRoom;
use serde_json::json;
use support::{Guests, LARGE, Room};

/// Messages whose state is counted.
const COUNTED: usize = 100;

criterion_group!(benches, messages, beginnings, commits);

fn main() {
    benches();
    let arguments: Vec<String> = std::env::args().collect();
    let has = |name: &str| arguments.iter().any(|argument| argument == name);
    // As a test there is nothing to be measured.
    if has("--bench") && !has("--test") && !has("--list") {
        count_state();
    }
    Criterion::default().configure_from_args().final_summary();
}

/// Sealed on one device and opened on another, the changed records taken on both.
fn messages(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("message");
    for members in [2, LARGE] {
        let id = BenchmarkId::from_parameter(members);
        let mut room = None;
        group.bench_function(id, |bencher| {
            let room = room.get_or_insert_with(|| Room::of(members));
            bencher.iter(|| room.message());
        });
    }
}

/// The first commit, which adds everybody, and a join by it.
fn beginnings(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("begin");
    group.sample_size(20);
    let mut guests = None;
    group.bench_function(BenchmarkId::new("create", LARGE), |bencher| {
        let guests = guests.get_or_insert_with(|| Guests::of(LARGE));
        let begin = |mut ana: support::Device| (ana.create(&guests.packages), ana);
        bencher.iter_batched(|| guests.creator.load(), begin, BatchSize::PerIteration);
    });
    let mut invited = None;
    group.bench_function(BenchmarkId::new("join", LARGE), |bencher| {
        let guests = guests.get_or_insert_with(|| Guests::of(LARGE));
        let (welcome, tree) = invited.get_or_insert_with(|| {
            let NewRoom { commit, tree } = guests.creator.load().create(&guests.packages);
            (guests.welcome(&commit), tree)
        });
        let join = |mut bo: support::Device| {
            bo.join(welcome, tree);
            bo
        };
        bencher.iter_batched(|| guests.guest.load(), join, BatchSize::PerIteration);
    });
}

/// Commits of nothing but a path: making one, merging it once the server took it, merging
/// another's. Each is made for good, so that the room moves on.
fn commits(criterion: &mut Criterion) {
    type Step = fn(&mut Room) -> Duration;
    let steps: [(&str, Step); 3] = [
        ("make", |room| turn(room)[0]),
        ("merge-own", |room| turn(room)[1]),
        ("merge", |room| turn(room)[2]),
    ];
    let mut group = criterion.benchmark_group("commit");
    group.sample_size(20);
    for members in [2, LARGE] {
        let mut room = None;
        for (name, step) in steps {
            group.bench_function(BenchmarkId::new(name, members), |bencher| {
                let room = room.get_or_insert_with(|| Room::of(members));
                bencher.iter_custom(|turns| (0..turns).map(|_| step(room)).sum());
            });
        }
    }
}

/// One epoch; how long each part took.
fn turn(room: &mut Room) -> [Duration; 3] {
    let (commit, make) = timed(|| room.ana.update());
    let ((), merge) = timed(|| room.merge(&commit));
    let ((), merge_own) = timed(|| room.merge_own());
    [make, merge_own, merge]
}

fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let started = Instant::now();
    let done = work();
    (done, started.elapsed())
}

/// Counts the bytes of state that a message writes, prints them, and leaves them in
/// `target/tmp/e2ee-state.json`.
fn count_state() {
    let mut sizes = serde_json::Map::new();
    for members in [2, LARGE] {
        let mut room = Room::of(members);
        let (sealing, opening): (Vec<_>, Vec<_>) = (0..COUNTED).map(|_| room.message()).unzip();
        let most = |sizes: &[usize]| sizes.iter().copied().max().unwrap_or_default();
        println!(
            "state written a message, {members} members: at most {} bytes sealing, {} opening",
            most(&sealing),
            most(&opening)
        );
        let counted = json!({"sealing": sealing, "opening": opening});
        sizes.insert(members.to_string(), counted);
    }
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("e2ee-state.json");
    fs::write(path, serde_json::Value::Object(sizes).to_string()).unwrap();
}
