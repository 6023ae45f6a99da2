//! Servers and tools of others: how they are got, and of which version they are.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::Context;

use crate::{
    frontend, machine, python,
    terminal::{self, output, step},
    workspace,
};

/// Their sources.
const SOURCES: &str = "crates/bench/peers";
/// Debian keeps it where people who are not root do not look.
const NGINX: &str = "/usr/sbin/nginx";

/// Somebody else's program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Peer {
    /// `socket.io` and `pg`.
    Node,
    /// Flask-SocketIO, eventlet and psycopg2.
    Flask,
    /// In front of a chat server.
    Nginx,
    /// Password hashes in Python.
    Argon2,
}

impl Peer {
    pub(super) const ALL: [Self; 4] = [Self::Node, Self::Flask, Self::Nginx, Self::Argon2];

    /// Gets it unless it is there.
    ///
    /// # Errors
    /// When it cannot be had, with how to get it.
    pub(super) fn install(self) -> anyhow::Result<()> {
        match self {
            Self::Node => node_packages(),
            Self::Flask => python::environment("bench-flask", &requirements(self)).map(drop),
            Self::Argon2 => python::environment("bench", &requirements(self)).map(drop),
            Self::Nginx if nginx().is_some() => Ok(()),
            Self::Nginx => {
                const ADVICE: &str = "nginx is missing: install it, but let none run (Debian: \
                                      nginx-light)";
                machine::install(&["nginx-light"], ADVICE)
            }
        }
    }

    /// What was installed, each with its version.
    ///
    /// # Errors
    /// When it does not say.
    pub(super) fn versions(self) -> anyhow::Result<Vec<String>> {
        Ok(match self {
            Self::Node => {
                let version = output(Command::new("node").arg("--version"))?;
                let mut all = vec![format!("Node {}", version.trim().trim_start_matches('v'))];
                let lock = read(&node().join("package-lock.json"))?;
                all.extend(locked(&lock, &["socket.io", "pg"]));
                all
            }
            Self::Flask => {
                let wanted = ["Flask-SocketIO", "eventlet", "psycopg2-binary"];
                pinned(&read(&requirements(self))?, &wanted)
            }
            Self::Argon2 => pinned(&read(&requirements(self))?, &["argon2-cffi"]),
            Self::Nginx => {
                let nginx = nginx().context("nginx")?;
                vec![said(Command::new(nginx).arg("-v"), "nginx/")?]
            }
        })
    }
}

/// The compiler.
///
/// # Errors
/// When it does not say.
pub(super) fn rust() -> anyhow::Result<String> {
    let text = output(Command::new("rustc").arg("--version"))?;
    let mut words = text.split_whitespace();
    Ok(words.by_ref().take(2).collect::<Vec<_>>().join(" "))
}

/// Where the Node server lies beside its packages.
pub(super) fn node() -> PathBuf {
    workspace::target().join("bench/node")
}

/// The interpreter of an environment.
pub(super) fn python(environment: &str) -> PathBuf {
    let folder = workspace::target().join("python").join(environment);
    folder.join("bin/python")
}

fn requirements(peer: Peer) -> PathBuf {
    let folder = workspace::path(SOURCES);
    match peer {
        Peer::Flask => folder.join("flask/requirements.txt"),
        _ => folder.join("requirements.txt"),
    }
}

fn nginx() -> Option<PathBuf> {
    machine::find("nginx").or_else(|| Some(PathBuf::from(NGINX)).filter(|path| path.exists()))
}

/// A copy of the server, for Node looks for packages beside what it runs.
fn node_packages() -> anyhow::Result<()> {
    machine::check_node()?;
    let (from, to) = (workspace::path(SOURCES).join("node"), node());
    let mark = workspace::fingerprint(&[from.join("package-lock.json")], "")?;
    let marker = to.join("snug-mark");
    fs::create_dir_all(&to).with_context(|| to.display().to_string())?;
    for name in ["server.mjs", "package.json", "package-lock.json"] {
        fs::copy(from.join(name), to.join(name)).with_context(|| name.to_owned())?;
    }
    if fs::read_to_string(&marker).is_ok_and(|made| made == mark) {
        return Ok(());
    }
    step("Getting Node packages for bench", || {
        terminal::run(
            frontend::npm(&["ci", "--no-progress"])
                .current_dir(&to)
                .stdout(Stdio::null()),
        )?;
        fs::write(&marker, mark).with_context(|| marker.display().to_string())
    })
}

fn read(path: &Path) -> anyhow::Result<String> {
    fs::read_to_string(path).with_context(|| path.display().to_string())
}

/// Versions of a requirements file.
fn pinned(requirements: &str, wanted: &[&str]) -> Vec<String> {
    let pairs = requirements
        .lines()
        .filter_map(|line| line.split_once("=="));
    let wanted = pairs.filter(|(name, _)| wanted.contains(name));
    wanted
        .map(|(name, version)| format!("{name} {}", version.trim()))
        .collect()
}

/// Versions of a package-lock.json, in the order of the names. It is written by npm, a field a
/// line.
fn locked(lock: &str, wanted: &[&str]) -> Vec<String> {
    let version = |name: &&str| {
        let (_, rest) = lock.split_once(&format!("\"node_modules/{name}\": {{"))?;
        let (_, rest) = rest.split_once("\"version\": \"")?;
        Some(format!("{name} {}", rest.split_once('"')?.0))
    };
    wanted.iter().filter_map(version).collect()
}

/// The version that a program prints, to wherever, behind `name`; some call that a failure.
fn said(command: &mut Command, name: &str) -> anyhow::Result<String> {
    let output = command.output()?;
    let text = [output.stdout, output.stderr].concat();
    let text = String::from_utf8_lossy(&text);
    let (_, rest) = text.split_once(name).context("no version")?;
    let version = rest.split_whitespace().next().unwrap_or_default();
    Ok(format!("{} {version}", name.trim_end_matches(['/', ' '])))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_where_they_are_written() {
        let requirements = "blinker==1.9.0\nFlask-SocketIO==5.7.0\neventlet==0.41.3\n";
        assert_eq!(
            pinned(requirements, &["eventlet", "Flask-SocketIO"]),
            ["Flask-SocketIO 5.7.0", "eventlet 0.41.3"]
        );
        let lock = read(&workspace::path(SOURCES).join("node/package-lock.json")).unwrap();
        let versions = locked(&lock, &["socket.io", "pg", "nothing"]);
        assert_eq!(versions.len(), 2);
        assert!(versions[0].starts_with("socket.io 4."), "{versions:?}");
        assert!(versions[1].starts_with("pg 8."), "{versions:?}");
        let mut echo = Command::new("sh");
        echo.args(["-c", "echo nginx version: nginx/1.22.1 >&2; exit 1"]);
        assert_eq!(said(&mut echo, "nginx/").unwrap(), "nginx 1.22.1");
    }
}
