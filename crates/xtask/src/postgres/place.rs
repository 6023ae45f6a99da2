//! Where a cluster and its socket lie, and whose they are.

use std::{
    env,
    fs::{self, DirBuilder, Permissions},
    hash::{DefaultHasher, Hash, Hasher},
    os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt, chown},
    path::{Path, PathBuf},
};

use anyhow::{Context, bail};
use nix::unistd::{User, geteuid};
use tempfile::TempDir;

/// The folders of one cluster.
pub(super) struct Place {
    pub(super) cluster: PathBuf,
    pub(super) socket: PathBuf,
    pub(super) log: PathBuf,
    /// Who runs it: PostgreSQL refuses to run as root.
    pub(super) owner: Option<User>,
    /// Whether the cluster is not below the data folder.
    pub(super) elsewhere: bool,
    /// What vanishes with the value.
    scratch: Option<TempDir>,
}

impl Place {
    /// Below `data`, or, where its owner cannot reach that, in /var/lib.
    pub(super) fn lasting(data: &Path) -> anyhow::Result<Self> {
        let owner = owner()?;
        let mut cluster = data.join("postgres");
        let mut elsewhere = false;
        if let Some(owner) = &owner
            && closed(data, owner)
        {
            cluster = Path::new("/var/lib/snug").join(hash(data)).join("postgres");
            elsewhere = true;
            if let Some(parent) = cluster.parent() {
                fs::create_dir_all(parent).with_context(|| parent.display().to_string())?;
            }
        }
        Ok(Self {
            cluster,
            socket: runtime()?.join(format!("snug-{}", hash(data))),
            log: data.join("logs/postgres.log"),
            owner,
            elsewhere,
            scratch: None,
        })
    }

    /// In a temporary folder.
    pub(super) fn scratch() -> anyhow::Result<Self> {
        let folder = tempfile::Builder::new()
            .prefix("snug-test-")
            .tempdir_in(short(env::temp_dir()))?;
        fs::set_permissions(folder.path(), Permissions::from_mode(0o711))?;
        Ok(Self {
            cluster: folder.path().join("postgres"),
            socket: folder.path().join("run"),
            log: folder.path().join("postgres.log"),
            owner: owner()?,
            elsewhere: false,
            scratch: Some(folder),
        })
    }

    /// Makes the folders that the server needs around its data.
    pub(super) fn prepare(&self) -> anyhow::Result<()> {
        if let Some(logs) = self.log.parent() {
            fs::create_dir_all(logs).with_context(|| logs.display().to_string())?;
        }
        self.private(&self.socket)
    }

    /// Makes a folder that the owner alone reads.
    pub(super) fn private(&self, folder: &Path) -> anyhow::Result<()> {
        let made = DirBuilder::new().mode(0o700).create(folder);
        let wanted = self
            .owner
            .as_ref()
            .map_or(geteuid(), |owner| owner.uid)
            .as_raw();
        if made.is_ok() {
            if let Some(owner) = &self.owner {
                chown(folder, Some(owner.uid.as_raw()), Some(owner.gid.as_raw()))?;
            }
            return Ok(());
        }
        let data = fs::symlink_metadata(folder)
            .with_context(|| format!("cannot create {}", folder.display()))?;
        if !data.is_dir() || data.uid() != wanted || data.mode() & 0o077 != 0 {
            bail!("{} belongs to somebody else; remove it", folder.display());
        }
        Ok(())
    }

    /// Removes what is of no use without the server.
    pub(super) fn leave(&mut self) {
        let _ = fs::remove_dir(&self.socket);
        self.scratch = None;
    }
}

/// The unprivileged user that runs the server when we are root.
fn owner() -> anyhow::Result<Option<User>> {
    if !geteuid().is_root() {
        return Ok(None);
    }
    for name in ["postgres", "nobody"] {
        if let Some(user) = User::from_name(name)? {
            return Ok(Some(user));
        }
    }
    bail!("PostgreSQL does not run as root, and there is no user postgres or nobody to run it")
}

/// Whether some folder on the way to `path` does not let `owner` through.
fn closed(path: &Path, owner: &User) -> bool {
    path.ancestors().any(|folder| {
        fs::metadata(folder).is_ok_and(|data| {
            let bit = if data.uid() == owner.uid.as_raw() {
                0o100
            } else {
                0o001
            };
            data.mode() & bit == 0
        })
    })
}

/// A socket's path holds 107 bytes (103 on macOS): not below a checkout that may lie deep.
fn runtime() -> anyhow::Result<PathBuf> {
    let given = env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from);
    let usable = given.filter(|path| path.is_dir() && !geteuid().is_root());
    Ok(short(usable.unwrap_or_else(env::temp_dir)))
}

fn short(folder: PathBuf) -> PathBuf {
    if folder.as_os_str().len() > 60 {
        "/tmp".into()
    } else {
        folder
    }
}

fn hash(path: &Path) -> String {
    let mut hasher = DefaultHasher::new();
    path.hash(&mut hasher);
    format!("{:016x}", hasher.finish())[..8].to_owned()
}
