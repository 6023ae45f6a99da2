//! Whether the compose files can be read, by Docker itself where it is there.

use std::process::{Command, Stdio};

use anyhow::Context;

use crate::{machine, terminal::run, workspace};

/// All of Snug, and the MFA service alone.
const FILES: [&str; 2] = ["docker-compose.yml", "crates/mfa/compose.yml"];

/// Checks each file's syntax and, with Docker's compose, its meaning.
pub(super) fn check() -> anyhow::Result<()> {
    FILES.into_iter().try_for_each(check_one)
}

fn check_one(name: &'static str) -> anyhow::Result<()> {
    let compose = Command::new("docker")
        .args(["compose", "version"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success());
    if compose {
        return run(Command::new("docker")
            .current_dir(workspace::root())
            .args(["compose", "-f", name, "config", "--quiet"]))
        .context(name);
    }
    // Any JavaScript that we have anyway may carry a YAML parser; Python often does.
    let python = "import sys, yaml; yaml.safe_load(open(sys.argv[1]))";
    let has_yaml = machine::find("python3").is_some()
        && Command::new("python3")
            .args(["-c", "import yaml"])
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|status| status.success());
    let file = workspace::path(name);
    if has_yaml {
        return run(Command::new("python3").args(["-c", python]).arg(&file)).context(name);
    }
    let text = std::fs::read_to_string(&file).context(name)?;
    plain(&text).context(name)
}

/// The least that every YAML file keeps: no tabs, even indentation, no line without a key or item.
fn plain(text: &str) -> anyhow::Result<()> {
    for (index, line) in text.lines().enumerate() {
        let number = index + 1;
        let body = line.trim_start_matches(' ');
        let indentation = line.len() - body.len();
        anyhow::ensure!(!line.contains('\t'), "line {number} holds a tab");
        if body.is_empty() || body.starts_with('#') {
            continue;
        }
        anyhow::ensure!(
            indentation % 2 == 0,
            "line {number} is indented by {indentation}"
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tabs_and_odd_indentation_are_noticed() {
        assert!(plain("services:\n  chat:\n    image: snug\n").is_ok());
        assert!(plain("services:\n\tchat:\n").is_err());
        assert!(plain("services:\n   chat:\n").is_err());
    }
}
