//! Password hashes on one core, beside argon2-cffi with the same parameters.

use std::{hint::black_box, path::Path, process::Command, time::Instant};

use anyhow::{Context, ensure};
use mfa::passwords::argon2id::{self, Memory};

use crate::{
    Places,
    report::{Bar, ROUNDS, Section},
};

/// Hashes in one round.
const COUNT: u32 = 40;
/// Passes of one hash.
const PASSES: u32 = 2;
const PEER: &str = "argon2-cffi";

/// Both take turns; one thread each.
pub fn run(places: &Places) -> anyhow::Result<Section> {
    let mut section = Section::new(
        "hashes",
        "Password hashes",
        "Snug and argon2-cffi hash with the same parameters, in turns, one thread each.",
    );
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        ours.push(f64::from(COUNT) / here()?);
        theirs.push(f64::from(COUNT) / there(&places.python, &places.installed.peers)?);
    }
    section.compare(
        &format!(
            "argon2id hashes on one core, {} KiB, {PASSES} passes",
            argon2id::MEMORY
        ),
        "/s",
        &[("Snug", &ours), (PEER, &theirs)],
        &[Bar::AtLeast {
            times: 1.3,
            of: PEER,
        }],
    );
    Ok(section)
}

/// Seconds for one round.
fn here() -> anyhow::Result<f64> {
    let password = b"radium and polonium";
    // As each thread of the service does: one hash after the other in the same memory.
    let mut memory = Memory::default();
    black_box(memory.hash(password, PASSES)?);
    let started = Instant::now();
    for _ in 0..COUNT {
        black_box(memory.hash(black_box(password), PASSES)?);
    }
    Ok(started.elapsed().as_secs_f64())
}

fn there(python: &Path, peers: &Path) -> anyhow::Result<f64> {
    let numbers = [COUNT, argon2id::MEMORY, PASSES].map(|number| number.to_string());
    let output = Command::new(python)
        .arg(peers.join("argon2_hashes.py"))
        .args(numbers)
        .output()
        .context("python does not start")?;
    ensure!(
        output.status.success(),
        "argon2_hashes.py: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(String::from_utf8(output.stdout)?.trim().parse()?)
}
