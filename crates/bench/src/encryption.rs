//! What encryption costs a device: read from what `cargo bench -p e2ee` left, which
//! `cargo xtask bench encryption` runs first.

use std::{collections::BTreeMap, fs, path::Path};

use anyhow::{Context, ensure};
use serde::{Deserialize, de::DeserializeOwned};

use crate::report::{Limit, ROUNDS, Section, median};

/// A criterion benchmark: its folder, what it is to a reader, the unit in nanoseconds and its name,
/// what is asked.
type Figure = (
    &'static str,
    &'static str,
    (f64, &'static str),
    Option<Limit>,
);

const MICROSECONDS: (f64, &str) = (1e3, "µs");
const MILLISECONDS: (f64, &str) = (1e6, "ms");
/// Bytes in a kB.
const KILOBYTE: f64 = 1_000.0;

const SMALL: &str = "message/2";
const LARGE: &str = "message/1000";

const ROOMS: [Figure; 8] = [
    (
        "begin/create/1000",
        "first commit, which adds 999 devices",
        MILLISECONDS,
        Some(Limit::AtMost(400.0)),
    ),
    (
        "begin/join/1000",
        "join, 1,000 members",
        MILLISECONDS,
        Some(Limit::AtMost(80.0)),
    ),
    (
        "commit/make/1000",
        "update commit, 1,000 members",
        MILLISECONDS,
        Some(Limit::AtMost(60.0)),
    ),
    (
        "commit/merge-own/1000",
        "merging it on the device that made it",
        MILLISECONDS,
        None,
    ),
    (
        "commit/merge/1000",
        "checking and merging it on another",
        MILLISECONDS,
        None,
    ),
    (
        "commit/make/2",
        "update commit, 2 members",
        MICROSECONDS,
        None,
    ),
    (
        "commit/merge-own/2",
        "merging it on the device that made it, 2 members",
        MICROSECONDS,
        None,
    ),
    (
        "commit/merge/2",
        "checking and merging it on another, 2 members",
        MICROSECONDS,
        None,
    ),
];

const SEALED: [Figure; 12] = [
    (
        "archive/seal/line",
        "archive: sealing a line of text",
        MICROSECONDS,
        None,
    ),
    (
        "archive/open/line",
        "archive: opening it",
        MICROSECONDS,
        None,
    ),
    (
        "archive/seal/longest",
        "archive: sealing the largest message",
        MICROSECONDS,
        None,
    ),
    (
        "archive/open/longest",
        "archive: opening it, the largest",
        MICROSECONDS,
        None,
    ),
    (
        "vault/seal/200",
        "vault of 200 contacts: sealing it",
        MICROSECONDS,
        None,
    ),
    (
        "vault/open/200",
        "vault of 200 contacts: opening it",
        MICROSECONDS,
        None,
    ),
    (
        "recovery/seal",
        "recovery bundle: sealing it",
        MICROSECONDS,
        None,
    ),
    (
        "recovery/open",
        "recovery bundle: opening it, from the words of the kit",
        MICROSECONDS,
        None,
    ),
    (
        "link/show",
        "link: making the code on the new device",
        MICROSECONDS,
        None,
    ),
    (
        "link/seal",
        "link: reading the code and sealing the keys to it",
        MICROSECONDS,
        None,
    ),
    (
        "link/open",
        "link: opening them on the new device",
        MICROSECONDS,
        None,
    ),
    (
        "safety-number",
        "safety number, slow on purpose",
        MILLISECONDS,
        None,
    ),
];

/// Bytes that each message wrote, in a room of so many.
#[derive(Deserialize)]
struct State {
    sealing: Vec<f64>,
    opening: Vec<f64>,
}

/// What criterion keeps of a benchmark: of each sample the iterations and the nanoseconds.
#[derive(Deserialize)]
struct Sample {
    iters: Vec<f64>,
    times: Vec<f64>,
}

/// What `frontend/bench/browser` prints.
#[derive(Deserialize)]
struct Browser {
    browser: String,
    rounds: usize,
    search: Search,
    messages: Vec<Messages>,
}

#[derive(Deserialize)]
struct Search {
    messages: usize,
    milliseconds: BTreeMap<String, Times>,
}

#[derive(Deserialize)]
struct Messages {
    members: usize,
    microseconds: Times,
}

/// Of all the times that a thing was done, by rank.
#[derive(Deserialize)]
struct Times {
    p50: f64,
    p95: f64,
}

/// `target` is cargo's folder.
///
/// # Errors
/// When a benchmark has left nothing.
pub fn run(target: &Path) -> anyhow::Result<Section> {
    let mut section = Section::new(
        "encryption",
        "Encryption on a device",
        "The crate of the clients' encryption by itself, as native code: no network, no \
         storage below it. Commits of many members and joins share their work among all cores. A message is a line of text, padded to 96 bytes. Its time is that of \
         sealing it on one device and opening it on another, the changed state handed out on both; \
         its state is what a device would write. By criterion; the samples of a benchmark are dealt \
         into rounds.",
    );
    let folder = target.join("criterion");
    let small = rounds(&folder, SMALL, MICROSECONDS.0)?;
    let large = rounds(&folder, LARGE, MICROSECONDS.0)?;
    let most = Some(Limit::AtMost(100.0));
    let unit = MICROSECONDS.1;
    section.figure("seal and open a message, 2 members", unit, &small, most);
    section.figure("seal and open a message, 1,000 members", unit, &large, None);
    let ratio = [median(&large) / median(&small)];
    let most = Some(Limit::AtMost(1.5));
    section.figure("the latter to the former", "times", &ratio, most);
    add(&mut section, &folder, &ROOMS)?;
    let states: BTreeMap<String, State> = read(&target.join("tmp/e2ee-state.json"))?;
    for (members, written, most) in [("2", "2", 2.0), ("1000", "1,000", 16.0)] {
        let state = states.get(members).context("state of a room is missing")?;
        for (what, bytes) in [("sealing", &state.sealing), ("opening", &state.opening)] {
            let kilobytes: Vec<f64> = bytes.iter().map(|bytes| bytes / KILOBYTE).collect();
            let what = format!("state written {what} a message, {written} members");
            section.figure(&what, "kB", &kilobytes, Some(Limit::AtMost(most)));
        }
    }
    add(&mut section, &folder, &SEALED)?;
    in_browser(&mut section, &read(&target.join("tmp/browser.json"))?)?;
    Ok(section)
}

/// Messages and search as Chromium runs them, in a worker.
fn in_browser(section: &mut Section, browser: &Browser) -> anyhow::Result<()> {
    let message = |members: usize| {
        let found = browser.messages.iter().find(|one| one.members == members);
        found
            .map(|one| one.microseconds.p50)
            .with_context(|| format!("a room of {members} in the browser is missing"))
    };
    let (small, large) = (message(2)?, message(1_000)?);
    let asked = Some(Limit::AtMost(250.0));
    let what = "in a browser: seal and open a message, 2 members";
    section.figure(what, MICROSECONDS.1, &[small], asked);
    let what = "in a browser: seal and open a message, 1,000 members";
    section.figure(what, MICROSECONDS.1, &[large], None);
    let what = "in a browser: the latter to the former";
    section.figure(what, "times", &[large / small], Some(Limit::AtMost(1.5)));
    for (query, times) in &browser.search.milliseconds {
        let what = format!(
            "in a browser: search among {} messages, {query}, p95",
            browser.search.messages
        );
        let asked = Some(Limit::AtMost(50.0));
        section.figure(&what, MILLISECONDS.1, &[times.p95], asked);
    }
    section.note(&format!(
        "In a browser: {}, in a worker, with the app's own module, search and sealed records; \
         medians of {} rounds.",
        browser.browser, browser.rounds
    ));
    Ok(())
}

fn add(section: &mut Section, folder: &Path, figures: &[Figure]) -> anyhow::Result<()> {
    for (benchmark, what, (nanoseconds, unit), asked) in figures {
        let values = rounds(folder, benchmark, *nanoseconds)?;
        section.figure(what, unit, &values, *asked);
    }
    Ok(())
}

/// The time of one iteration, a value for each round: samples are dealt out in turns, so that a
/// slow moment is in all of them.
fn rounds(folder: &Path, benchmark: &str, unit: f64) -> anyhow::Result<Vec<f64>> {
    let Sample { iters, times } = read(&folder.join(benchmark).join("new/sample.json"))?;
    let few = iters.len() < ROUNDS || iters.len() != times.len();
    ensure!(!few, "{benchmark}: {} samples", iters.len());
    let dealt =
        |values: &[f64], round: usize| -> f64 { values.iter().skip(round).step_by(ROUNDS).sum() };
    let mean = |round| dealt(&times, round) / dealt(&iters, round) / unit;
    Ok((0..ROUNDS).map(mean).collect())
}

fn read<T: DeserializeOwned>(path: &Path) -> anyhow::Result<T> {
    let read = || anyhow::Ok(serde_json::from_str(&fs::read_to_string(path)?)?);
    read().with_context(|| path.display().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_are_dealt_into_rounds() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("message/2/new");
        fs::create_dir_all(&place).unwrap();
        // Each iteration of the n-th sample took n µs; the second five twice as many of them.
        let sample = r#"{"sampling_mode": "Flat", "iters": [1, 1, 1, 1, 1, 2, 2, 2, 2, 2],
            "times": [1e3, 2e3, 3e3, 4e3, 5e3, 2e3, 4e3, 6e3, 8e3, 10e3]}"#;
        fs::write(place.join("sample.json"), sample).unwrap();
        let values = rounds(folder.path(), SMALL, MICROSECONDS.0).unwrap();
        assert_eq!(values, [1.0, 2.0, 3.0, 4.0, 5.0]);
        assert!(rounds(folder.path(), LARGE, MICROSECONDS.0).is_err());
    }
}
