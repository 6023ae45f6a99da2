//! Tunnels on which nothing happens.

use std::time::Duration;

use futures_util::{StreamExt, TryStreamExt, stream};
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use tokio::time::sleep;

use super::frames::open;
use crate::{
    load::{Stream, Target},
    system::Process,
};

/// Tunnels whose memory is measured.
const TUNNELS: usize = 2_000;
/// Tunnels before that: the first ones bring in code and tables that all others share.
const FIRST: usize = 50;
/// Handshakes at once.
const OPENING: usize = 16;
/// After this nothing moves any more; the first ping of chat comes later.
const REST: Duration = Duration::from_secs(3);

/// What a tunnel adds to a process's memory, in kB.
///
/// # Errors
/// When a tunnel does not open.
pub async fn memory(process: &Process, target: &Target, smoke: bool) -> anyhow::Result<f64> {
    let (count, rest) = match smoke {
        true => (10, Duration::ZERO),
        false => (TUNNELS, REST),
    };
    let _first = open_all(target, FIRST).await?;
    sleep(rest).await;
    let before = process.memory()?;
    let _tunnels = open_all(target, count).await?;
    sleep(rest).await;
    let after = process.memory()?;
    Ok(after.saturating_sub(before) as f64 / 1000.0 / count as f64)
}

async fn open_all(target: &Target, count: usize) -> anyhow::Result<Vec<Stream>> {
    let tunnels = stream::iter(0..count).map(|_| open(target));
    tunnels.buffer_unordered(OPENING).try_collect().await
}

/// Lets this process, and the servers that it starts, open as many files as they may: a socket each.
///
/// # Errors
/// When the system does not say how many that is.
pub fn raise_file_limit() -> anyhow::Result<()> {
    let (_, most) = getrlimit(Resource::RLIMIT_NOFILE)?;
    Ok(setrlimit(Resource::RLIMIT_NOFILE, most, most)?)
}
