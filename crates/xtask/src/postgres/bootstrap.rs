//! A cluster's first minute: initdb, two roles that cannot reach each other's database.

use std::{
    fs::{self, File},
    io::Write,
    os::unix::fs::chown,
    path::Path,
    process::Stdio,
    sync::LazyLock,
};

use anyhow::{Context, bail};

use super::{command, place::Place};
use crate::{
    secrets,
    terminal::{say, step},
};

/// A role's password.
pub struct Access {
    /// Hexadecimal, so that it needs no quoting in SQL or in a URL.
    pub password: String,
}

/// The passwords of the roles.
pub struct Roles {
    /// Owns the database `chat`.
    pub chat: Access,
    /// Owns the database `mfa`.
    pub mfa: Access,
}

/// The superuser's password in this process's scratch clusters.
pub(super) static SCRATCH_PASSWORD: LazyLock<String> =
    LazyLock::new(|| secrets::random().unwrap_or_default());

/// Makes the lasting cluster. It appears under its name only when it is complete.
pub(super) fn lasting(binaries: &Path, place: &Place, roles: &Roles) -> anyhow::Result<()> {
    step("Creating the databases", || {
        let draft = place.cluster.with_extension("new");
        let _ = fs::remove_dir_all(&draft);
        place.prepare()?;
        initialise(binaries, place, &draft)?;
        let (chat, mfa) = (&roles.chat.password, &roles.mfa.password);
        single_user(
            binaries,
            place,
            &draft,
            &[
                &format!("create role chat login password '{chat}'"),
                &format!("create role mfa login password '{mfa}'"),
                "create database chat owner chat",
                "create database mfa owner mfa",
                "revoke all on database chat, mfa, postgres, template1 from public",
            ],
        )?;
        // Nobody else gets in, not even the superuser: backups run as the owners.
        let lines = "local chat chat scram-sha-256\nlocal mfa mfa scram-sha-256\n";
        overwrite(place, &draft.join("pg_hba.conf"), lines)?;
        fs::rename(&draft, &place.cluster).with_context(|| place.cluster.display().to_string())?;
        if let Some(owner) = &place.owner
            && place.elsewhere
        {
            say(&format!(
                "  the data folder is closed to the user {}, who runs PostgreSQL: the databases lie in {}",
                owner.name,
                place.cluster.display()
            ));
        }
        Ok(())
    })
}

/// Makes a scratch cluster: the superuser `snug`, with a password where others could come in.
pub(super) fn scratch(binaries: &Path, place: &Place) -> anyhow::Result<()> {
    place.prepare()?;
    initialise(binaries, place, &place.cluster)?;
    let password = format!("alter role snug password '{}'", SCRATCH_PASSWORD.as_str());
    single_user(binaries, place, &place.cluster, &[&password])
}

fn initialise(binaries: &Path, place: &Place, folder: &Path) -> anyhow::Result<()> {
    place.private(folder)?;
    let locale = if cfg!(target_os = "macos") {
        "en_US.UTF-8"
    } else {
        "C.UTF-8"
    };
    let output = command(binaries, "initdb", place.owner.as_ref())
        .args([
            "-U",
            "snug",
            "--auth-local=trust",
            "--auth-host=scram-sha-256",
            "-E",
            "UTF8",
        ])
        .args(["--no-instructions", "--data-checksums"])
        .arg(format!("--locale={locale}"))
        .arg("-D")
        .arg(folder)
        .output()
        .context("cannot start initdb")?;
    if !output.status.success() {
        let text = String::from_utf8_lossy(&output.stderr);
        bail!(
            "PostgreSQL cannot be set up: {}",
            telling(&text).unwrap_or("initdb failed")
        );
    }
    Ok(())
}

/// Runs SQL without a server: no other client is needed, nobody can connect meanwhile.
fn single_user(
    binaries: &Path,
    place: &Place,
    folder: &Path,
    statements: &[&str],
) -> anyhow::Result<()> {
    let mut child = command(binaries, "postgres", place.owner.as_ref())
        .args(["--single", "-c", "exit_on_error=on", "-D"])
        .arg(folder)
        .arg("postgres")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .context("cannot start postgres")?;
    if let Some(mut input) = child.stdin.take() {
        for statement in statements {
            writeln!(input, "{statement};")?;
        }
    }
    let output = child.wait_with_output()?;
    if !output.status.success() {
        let text = String::from_utf8_lossy(&output.stderr);
        bail!(
            "PostgreSQL refused the databases: {}",
            telling(&text).unwrap_or("no reason given")
        );
    }
    Ok(())
}

/// The complaint in PostgreSQL's output, without time and process. The lines after it repeat the
/// statement, which may hold a password.
pub(super) fn telling(text: &str) -> Option<&str> {
    let of = |mark: &str| {
        text.lines()
            .find_map(|line| Some(line.split_once(mark)?.1.trim()))
    };
    ["PANIC:", "FATAL:", "ERROR:", "error:"]
        .into_iter()
        .find_map(of)
}

fn overwrite(place: &Place, path: &Path, text: &str) -> anyhow::Result<()> {
    let mut file = File::create(path).with_context(|| path.display().to_string())?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    if let Some(owner) = &place.owner {
        chown(path, Some(owner.uid.as_raw()), Some(owner.gid.as_raw()))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_complaint_is_one_line_without_the_statement() {
        let text = "2026-01-01 10:00:00 UTC [7] FATAL:  could not write: No space left on device\n\
                    2026-01-01 10:00:00 UTC [7] STATEMENT:  create role x password 'secret'\n";
        assert_eq!(
            telling(text),
            Some("could not write: No space left on device")
        );
        assert_eq!(telling("initdb: error: locale"), Some("locale"));
        assert_eq!(telling("fine"), None);
    }
}
