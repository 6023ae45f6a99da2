//! The servers' binaries.

use std::path::PathBuf;

use super::{Only, servers::Server};
use crate::{
    terminal::{run, step},
    workspace,
};

/// How they are built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// Quick to build, slow to run; what tests use.
    Debug,
    /// Optimised where it counts; the default of `up`.
    Quick,
    /// As deployed.
    Release,
}

impl Profile {
    /// What tells Cargo.
    pub fn flags(self) -> &'static [&'static str] {
        match self {
            Self::Debug => &[],
            Self::Quick => &["--profile", "quick"],
            Self::Release => &["--release"],
        }
    }

    /// Where a server's binary lies.
    pub fn binary(self, server: Server) -> PathBuf {
        self.program(&server.binary())
    }

    /// Where a program lies.
    pub fn program(self, name: &str) -> PathBuf {
        let folder = match self {
            Self::Debug => "debug",
            Self::Quick => "quick",
            Self::Release => "release",
        };
        workspace::target().join(folder).join(name)
    }
}

/// Builds all three, or the one that is wanted.
///
/// # Errors
/// When one does not compile.
pub fn servers(profile: Profile, only: Option<Only>) -> anyhow::Result<()> {
    let packages: &[&str] = match only {
        Some(Only::Mfa) => &["-p", "mfa"],
        None => &["-p", "gateway", "-p", "chat", "-p", "mfa"],
    };
    let title = match profile {
        Profile::Debug => "Building the servers",
        _ => "Building the servers (the first time takes minutes)",
    };
    step(title, || {
        run(workspace::cargo()
            .args(["build", "--bins"])
            .args(packages)
            .args(profile.flags()))
    })
}
