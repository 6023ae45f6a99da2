//! What the fuzz targets do: each hands bytes to a decoder and checks what must hold of anything
//! that is accepted. A panic is a fault. They say whether the bytes were accepted, so that a test
//! can tell that seeds get far.

mod content;
mod device;
mod identity;
mod kept;
mod linking;
mod mfa;
mod own;
mod parts;
mod post_quantum;
mod proxy;
mod rooms;
mod server;
mod stored;
mod story;

use std::{fs, io, path::Path};

/// A target: its name, what it does with bytes, and bytes that it accepts.
pub struct Target {
    /// Its name, and that of its folder of inputs.
    pub name: &'static str,
    /// Hands bytes to the decoder; whether they were accepted.
    pub run: fn(&[u8]) -> bool,
    /// Inputs to start from. Some hold times, so they are made anew.
    pub seeds: fn() -> Vec<Vec<u8>>,
}

/// All targets.
pub const TARGETS: [Target; 40] = [
    content::ARCHIVE_LINE,
    content::CONTENT,
    content::DOCUMENT,
    content::EMOJI,
    content::PICTURE,
    device::STATE,
    device::STEPS,
    identity::CREDENTIAL,
    identity::DEVICE_LIST,
    identity::KEY_PACKAGE,
    kept::ARCHIVE,
    kept::FILE,
    kept::KEYRING,
    kept::PADDING,
    kept::RECOVERY_TEXT,
    kept::SAFETY_CODE,
    kept::VAULT,
    linking::HANDOVER,
    linking::LINK_CODE,
    linking::LINK_MESSAGES,
    mfa::BODIES,
    own::OWN_BODIES,
    post_quantum::ROOM,
    proxy::PROXY_HEADERS,
    rooms::COMMIT,
    rooms::FRAMING,
    rooms::JOIN,
    rooms::MESSAGE,
    rooms::PUBLIC_ROOM,
    rooms::RECORDS,
    rooms::REJOIN,
    rooms::ROOM_POLICY,
    rooms::WELCOME,
    server::AVATAR,
    server::BODIES,
    server::RANGE,
    stored::ARCHIVE_KEYS,
    stored::DEVICE_KEYS,
    stored::FILE_CHUNKS,
    stored::SEALED,
];

/// Runs the target of a name.
///
/// # Panics
/// When there is none, or the target finds a fault.
pub fn run(name: &str, bytes: &[u8]) {
    let target = TARGETS.iter().find(|target| target.name == name);
    (target.expect("a target of this name").run)(bytes);
}

/// Writes the seeds of all targets into folders of their names.
///
/// # Errors
/// When a file cannot be written.
pub fn write_seeds(corpus: &Path) -> io::Result<()> {
    for target in &TARGETS {
        let folder = corpus.join(target.name);
        fs::create_dir_all(&folder)?;
        for (number, seed) in (target.seeds)().iter().enumerate() {
            fs::write(folder.join(format!("seed-{number}")), seed)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seeds_are_accepted() {
        for target in &TARGETS {
            let seeds = (target.seeds)();
            assert!(!seeds.is_empty(), "{}", target.name);
            for (number, seed) in seeds.iter().enumerate() {
                assert!((target.run)(seed), "{} {number}", target.name);
            }
        }
    }

    #[test]
    fn no_seed_panics_when_it_is_changed() {
        for target in &TARGETS {
            for seed in (target.seeds)() {
                (target.run)(&[]);
                for place in (0..seed.len()).step_by(1 + seed.len() / 64) {
                    (target.run)(&seed[..place]);
                    let mut changed = seed.clone();
                    changed[place] ^= 0xff;
                    (target.run)(&changed);
                }
            }
        }
    }

    /// What earlier runs found worth keeping.
    #[test]
    fn the_corpus_finds_no_fault() {
        let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
        for target in &TARGETS {
            let Ok(inputs) = fs::read_dir(corpus.join(target.name)) else {
                continue;
            };
            for input in inputs {
                (target.run)(&fs::read(input.unwrap().path()).unwrap());
            }
        }
    }
}
