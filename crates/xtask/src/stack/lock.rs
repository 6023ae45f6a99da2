//! One stack per data folder.

use std::{
    fs::{File, OpenOptions},
    io::{Read, Seek, Write},
    path::Path,
};

use anyhow::{Context, bail};
use nix::fcntl::{Flock, FlockArg};

/// Held as long as a stack runs; the system frees it when its process ends in any way.
pub struct Lock {
    _file: Flock<File>,
}

impl Lock {
    /// Takes the lock of a data folder.
    ///
    /// # Errors
    /// When another process has it; its number is in the message.
    pub fn take(data: &Path) -> anyhow::Result<Self> {
        let path = data.join("lock");
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .read(true)
            .write(true)
            .open(&path)
            .with_context(|| format!("cannot write {}", path.display()))?;
        match Flock::lock(file, FlockArg::LockExclusiveNonblock) {
            Ok(mut file) => {
                file.set_len(0)?;
                file.rewind()?;
                write!(file, "{}", std::process::id())?;
                Ok(Self { _file: file })
            }
            Err((mut file, _)) => {
                let mut holder = String::new();
                let _ = file.read_to_string(&mut holder);
                bail!(
                    "Snug runs from {} already (process {}); stop it, or set SNUG_DATA to another \
                     folder",
                    data.display(),
                    holder.trim()
                )
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_has_one_stack() {
        let folder = tempfile::tempdir().unwrap();
        let first = Lock::take(folder.path()).unwrap();
        let error = Lock::take(folder.path()).err().unwrap().to_string();
        assert!(
            error.contains(&format!("process {}", std::process::id())),
            "{error}"
        );
        drop(first);
        assert!(Lock::take(folder.path()).is_ok());
    }
}
