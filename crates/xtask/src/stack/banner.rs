//! What a person reads when everything runs.

use std::{fs, path::Path};

use anyhow::Context;

use super::{Only, Settings};
use crate::{
    certs,
    terminal::{paint, say},
    workspace::variable,
};

/// Prints the URL, how to trust the CA and where mail goes.
pub(super) fn show(settings: &Settings, only: Option<Only>) {
    let ca = certs::folder().join("ca.pem");
    say("");
    if only.is_some() {
        say(&format!(
            "  The MFA service answers at {}",
            url(settings, only)
        ));
    } else {
        say(&format!(
            "  {} {}",
            paint("1;32", "Snug is ready:"),
            paint("1", &settings.url())
        ));
    }
    say("");
    say("  Browsers warn until they trust this machine's own CA:");
    say("  run `cargo xtask certs --trust` once, or import the CA by hand:");
    say(&format!("    {}", ca.display()));
    match variable("SMTP_SERVER") {
        Some(server) => say(&format!(
            "  Mail goes out through {}.",
            server.to_string_lossy()
        )),
        None => say("  No SMTP_SERVER is set: mails with their codes are printed here."),
    }
    say(&format!(
        "  Data and logs are in {}. Ctrl-C stops everything.",
        settings.data.display()
    ));
    say("");
}

/// Writes the URL and the CA's path, a line each; the file appears complete.
pub(super) fn write(file: &Path, settings: &Settings, only: Option<Only>) -> anyhow::Result<()> {
    let text = format!(
        "{}\n{}\n",
        url(settings, only),
        certs::folder().join("ca.pem").display()
    );
    let draft = file.with_extension("new");
    fs::write(&draft, text)
        .and_then(|()| fs::rename(&draft, file))
        .with_context(|| format!("cannot write {}", file.display()))
}

fn url(settings: &Settings, only: Option<Only>) -> String {
    match only {
        Some(Only::Mfa) => format!("https://localhost:{}", settings.mfa),
        None => settings.url(),
    }
}
