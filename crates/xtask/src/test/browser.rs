//! Browser tests: Playwright against a stack of its own.

use std::{path::Path, process::Command};

use super::{
    Report,
    services::{APPLICATION, Mfa},
};
use crate::{
    certs,
    frontend::{self, npm},
    machine,
    postgres::{Cluster, Durability},
    stack::{Frontend, Profile, Settings, Stack, build},
    terminal::run_test as run_command,
    wasm,
};

/// Builds, starts the stack on free ports with empty databases, runs e2e/. `built`: the servers are
/// there already. `xtask`: this program, for stories with an operator in them.
pub(super) fn run(report: &mut Report, built: bool, xtask: &Path) -> anyhow::Result<()> {
    report.step("a browser", browser)?;
    frontend::packages()?;
    wasm::build()?;
    let pages = Frontend::Built(frontend::build()?);
    if !built {
        report.step("servers for browser tests", || {
            build::servers(Profile::Debug, None)
        })?;
    }
    certs::ensure(&[])?;
    report.step("browser tests", || stories(xtask, &pages, None, &[]))?;
    report.step("browser tests of a server by invitation", || {
        stories(xtask, &pages, Some("invite"), &[("SIGNUP", "invite")])
    })?;
    report.step("page to try the MFA service, with a passkey", || {
        let cluster = Cluster::scratch(Durability::None)?;
        let service = Mfa::start_with(&cluster, "try", &[("TRY_PAGE", "true")])?;
        let origin = service.origin();
        let secret = service.application(&["--rp-id=localhost", &format!("--origin={origin}")])?;
        let mut playwright = playwright(Some("mfa"));
        playwright
            .env("SNUG_URL", origin)
            .env("SNUG_MAIL", service.console())
            .env("MFA_CLIENT_ID", APPLICATION)
            .env("MFA_CLIENT_SECRET", secret);
        run_command(&mut playwright)
    })
}

/// The stories of one folder, or all that need no stack apart, with servers told so.
fn stories(
    xtask: &Path,
    pages: &Frontend,
    folder: Option<&str>,
    variables: &[(&'static str, &str)],
) -> anyhow::Result<()> {
    let data = tempfile::Builder::new().prefix("snug-e2e-").tempdir()?;
    open(data.path())?;
    let mut settings = Settings::apart(data.path())?;
    let variables = variables.iter();
    settings.variables = variables
        .map(|(name, value)| (*name, (*value).to_owned()))
        .collect();
    let stack = Stack::start(&settings, Profile::Debug, pages, None)?;
    let mut playwright = playwright(folder);
    playwright
        .env("SNUG_URL", settings.url())
        .env("SNUG_CA", certs::folder().join("ca.pem"))
        .env("SNUG_MAIL", settings.mail())
        // Stories with an admin or an operator in them run `xtask run` on this stack.
        .env("SNUG_XTASK", xtask)
        .env("SNUG_DATA", &settings.data);
    let result = run_command(&mut playwright);
    if result.is_err() {
        stack.show_logs();
    }
    result
}

fn playwright(folder: Option<&str>) -> Command {
    let script = if folder.is_some() { "e2e:apart" } else { "e2e" };
    let mut playwright = npm(&["run", "--silent", script]);
    if let Some(folder) = folder {
        playwright.env("SNUG_STORIES", folder);
    }
    if let Some(chromium) = machine::chromium() {
        playwright.env("SNUG_CHROMIUM", chromium);
    }
    playwright
}

/// The database's owner has to get through.
fn open(folder: &Path) -> anyhow::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    Ok(std::fs::set_permissions(
        folder,
        std::fs::Permissions::from_mode(0o711),
    )?)
}

/// Debian's Chromium where we may install it, else Playwright's own.
fn browser() -> anyhow::Result<()> {
    if machine::chromium().is_some() {
        return Ok(());
    }
    let debian = machine::install(&["chromium"], "no Debian").is_ok();
    if debian && machine::chromium().is_some() {
        return Ok(());
    }
    frontend::packages()?;
    run_command(&mut npm(&[
        "exec",
        "--",
        "playwright",
        "install",
        "chromium",
    ]))
}
