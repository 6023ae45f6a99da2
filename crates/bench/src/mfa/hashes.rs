//! Password hashes on one core, beside argon2-cffi with the same parameters.

use std::{hint::black_box, path::Path, process::Command, time::Instant};

use anyhow::{Context, ensure};
use mfa::passwords::argon2id::{self, Memory};

use crate::figures::{ROUNDS, Report, median, spread};

/// Hashes in one round.
const COUNT: u32 = 40;
/// Passes of one hash.
const PASSES: u32 = 2;

/// Both take turns; one thread each.
pub fn run(python: &Path, peers: &Path, report: &mut Report) -> anyhow::Result<()> {
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        ours.push(f64::from(COUNT) / here()?);
        theirs.push(f64::from(COUNT) / there(python, peers)?);
    }
    let ratio = median(ours.clone()) / median(theirs.clone());
    let parameters = format!("argon2id {} KiB, {PASSES} passes", argon2id::MEMORY);
    report.add(
        &format!("{parameters}: hashes a second on one core"),
        spread(&ours, "/s"),
        "",
    );
    report.add(
        &format!("{parameters}: argon2-cffi"),
        spread(&theirs, "/s"),
        "",
    );
    report.add(
        "hashes, Snug to argon2-cffi",
        format!("{ratio:.2}"),
        "at least 1.3",
    );
    Ok(())
}

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
