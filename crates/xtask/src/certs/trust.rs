//! Lets this machine trust the CA: the system's store and the browsers' own.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::Context;
use nix::unistd::geteuid;

use crate::{
    machine,
    terminal::{output, say},
};

const NAME: &str = "Snug local CA";

/// Adds the CA wherever we may, and says what is left to do by hand.
///
/// # Errors
/// When a store that we may change refuses.
pub(super) fn add(ca: &Path) -> anyhow::Result<()> {
    if cfg!(target_os = "macos") {
        return keychain(ca);
    }
    system(ca)?;
    browsers(ca)
}

fn keychain(ca: &Path) -> anyhow::Result<()> {
    let home = env::var_os("HOME")
        .map(PathBuf::from)
        .context("HOME is not set")?;
    let keychain = home.join("Library/Keychains/login.keychain-db");
    output(
        Command::new("security")
            .args(["add-trusted-cert", "-r", "trustRoot", "-k"])
            .arg(keychain)
            .arg(ca),
    )?;
    say("trusted in your login keychain");
    Ok(())
}

fn system(ca: &Path) -> anyhow::Result<()> {
    let store = Path::new("/usr/local/share/ca-certificates");
    if !store.is_dir() || machine::find("update-ca-certificates").is_none() {
        say("this system has no store that we know; add the CA by hand:");
        say(&format!("  {}", ca.display()));
        return Ok(());
    }
    let target = store.join("snug-local-ca.crt");
    if geteuid().is_root() {
        fs::copy(ca, &target).with_context(|| target.display().to_string())?;
        output(&mut Command::new("update-ca-certificates"))?;
        say("trusted by this system");
    } else {
        say("for this system (curl and others), run:");
        say(&format!(
            "  sudo cp {} {} && sudo update-ca-certificates",
            ca.display(),
            target.display()
        ));
    }
    Ok(())
}

/// Chromium and Firefox on Linux keep stores of their own, in NSS's form.
fn browsers(ca: &Path) -> anyhow::Result<()> {
    let Some(home) = env::var_os("HOME").map(PathBuf::from) else {
        return Ok(());
    };
    if machine::find("certutil").is_none() {
        machine::install(
            &["libnss3-tools"],
            "for Chromium and Firefox install certutil (`sudo apt install libnss3-tools`), then \
             run `cargo xtask certs --trust` again",
        )?;
    }
    let chromium = home.join(".pki/nssdb");
    if !chromium.join("cert9.db").exists() {
        fs::create_dir_all(&chromium)?;
        certutil(&chromium, &["-N", "--empty-password"])?;
    }
    let profiles = [
        home.join(".mozilla/firefox"),
        home.join(".config/mozilla/firefox"),
        home.join("snap/firefox/common/.mozilla/firefox"),
    ];
    let mut stores = vec![chromium];
    for entry in profiles
        .iter()
        .filter_map(|folder| fs::read_dir(folder).ok())
        .flatten()
    {
        let path = entry?.path();
        if path.join("cert9.db").exists() {
            stores.push(path);
        }
    }
    for store in stores {
        let _ = certutil(&store, &["-D", "-n", NAME]);
        let path = ca.to_str().context("the path of the CA is no UTF-8")?;
        certutil(&store, &["-A", "-t", "C,,", "-n", NAME, "-i", path])?;
        say(&format!("trusted by the browser of {}", store.display()));
    }
    say("restart open browsers");
    Ok(())
}

fn certutil(store: &Path, arguments: &[&str]) -> anyhow::Result<String> {
    let database = format!("sql:{}", store.display());
    output(
        Command::new("certutil")
            .args(["-d", &database])
            .args(arguments),
    )
}
