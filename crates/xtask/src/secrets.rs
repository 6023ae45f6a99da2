//! Secrets of the local stack: made once, kept in files that only their owner reads.

use std::{
    fmt::Write as _,
    fs::{self, DirBuilder, File, OpenOptions},
    io::{Read, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use anyhow::Context;

/// The path of a secret below `folder`; made of 256 random bits when it is not there yet.
///
/// # Errors
/// When the folder cannot be written.
pub fn file(folder: &Path, name: &str) -> anyhow::Result<PathBuf> {
    let path = folder.join(name);
    if !path.exists() {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)
            .with_context(|| format!("cannot create {}", folder.display()))?;
        write_private(&path, &random()?)?;
    }
    Ok(path)
}

/// The text of a secret below `folder`.
///
/// # Errors
/// As [`file`].
pub fn text(folder: &Path, name: &str) -> anyhow::Result<String> {
    let path = file(folder, name)?;
    let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
    Ok(text.trim().to_owned())
}

/// Writes a file that only its owner reads; all of it or nothing.
///
/// # Errors
/// When it cannot be written.
pub fn write_private(path: &Path, text: &str) -> anyhow::Result<()> {
    let draft = path.with_extension("new");
    let write = || -> std::io::Result<()> {
        let _ = fs::remove_file(&draft);
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&draft)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&draft, path)
    };
    write().with_context(|| format!("cannot write {}", path.display()))
}

/// 256 random bits in hexadecimal.
///
/// # Errors
/// When the system has no randomness.
pub fn random() -> anyhow::Result<String> {
    let mut bytes = [0; 32];
    File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    let mut text = String::new();
    for byte in bytes {
        write!(text, "{byte:02x}")?;
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::MetadataExt;

    use super::*;

    #[test]
    fn a_secret_is_made_once_and_is_private() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().join("secrets");
        let first = text(&folder, "chat.key").unwrap();
        assert_eq!(first.len(), 64);
        assert_eq!(text(&folder, "chat.key").unwrap(), first);
        assert_ne!(text(&folder, "mfa.key").unwrap(), first);
        assert_eq!(
            fs::metadata(folder.join("chat.key")).unwrap().mode() & 0o777,
            0o600
        );
        assert_eq!(fs::metadata(folder).unwrap().mode() & 0o777, 0o700);
    }
}
