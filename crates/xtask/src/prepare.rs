//! sqlx's query data: what the compile-time check of SQL knows where there is no database.

use std::{
    collections::BTreeMap,
    ffi::OsString,
    fs::{self, File},
    path::{Path, PathBuf},
    time::SystemTime,
};

use anyhow::{Context, bail};

use crate::{
    postgres::{Cluster, Durability},
    signals,
    terminal::{run as run_command, say, step},
    workspace,
};

const CRATES: [(&str, &str); 2] = [("chat", "SQLX_CHAT_URL"), ("mfa", "SQLX_MFA_URL")];

/// `cargo xtask prepare`.
///
/// # Errors
/// When a query does not fit the migrations or, with `check`, the committed data is stale.
pub fn run(check: bool) -> anyhow::Result<()> {
    signals::watch();
    let cluster = Cluster::scratch(Durability::None)?;
    refresh(&cluster, check)
}

/// The same, in a scratch cluster that runs already.
///
/// # Errors
/// As [`run`].
pub fn refresh(cluster: &Cluster, check: bool) -> anyhow::Result<()> {
    if check {
        return compare(cluster);
    }
    for (name, variable) in CRATES {
        let fresh = tempfile::tempdir()?;
        let url = migrated(cluster, name)?;
        step(
            &format!("Checking the SQL of {name} against its migrations"),
            || {
                learn(
                    &[name],
                    &["--package", name],
                    &[(variable, url)],
                    fresh.path(),
                )
            },
        )?;
        let committed = committed(name);
        let (old, new) = (read(&committed)?, read(fresh.path())?);
        fs::create_dir_all(&committed)?;
        for file in old.keys().filter(|file| !new.contains_key(*file)) {
            fs::remove_file(committed.join(file))?;
        }
        for (file, text) in new
            .iter()
            .filter(|(file, text)| old.get(*file) != Some(text))
        {
            fs::write(committed.join(file), text)?;
        }
        say(&format!("crates/{name}/.sqlx: {} queries", new.len()));
    }
    Ok(())
}

/// Both crates in one build, with the features of the whole workspace: what the lints compile
/// next is there already.
fn compare(cluster: &Cluster) -> anyhow::Result<()> {
    let fresh = tempfile::tempdir()?;
    let mut urls = Vec::new();
    let mut old = BTreeMap::new();
    for (name, variable) in CRATES {
        urls.push((variable, migrated(cluster, name)?));
        old.extend(read(&committed(name))?);
    }
    let names = CRATES.map(|(name, _)| name);
    learn(&names, &["--workspace"], &urls, fresh.path())?;
    if old != read(fresh.path())? {
        bail!("the query data in crates/*/.sqlx is stale; run `cargo xtask prepare`");
    }
    Ok(())
}

/// Compiles the crates against their databases; sqlx writes down what it learns.
fn learn(
    names: &[&str],
    packages: &[&str],
    urls: &[(&str, String)],
    into: &Path,
) -> anyhow::Result<()> {
    for name in names {
        touch(name)?;
    }
    let urls = urls.iter().map(|(variable, url)| (*variable, url.as_str()));
    run_command(
        workspace::cargo()
            .args(["check", "--quiet", "--all-targets"])
            .args(packages)
            .envs(urls)
            .env("SQLX_OFFLINE", "false")
            .env("SQLX_OFFLINE_DIR", into),
    )
}

/// The URL of a fresh database with the crate's migrations.
fn migrated(cluster: &Cluster, name: &str) -> anyhow::Result<String> {
    let database = format!("{name}_queries");
    cluster.sql("postgres", &format!("drop database if exists {database}"))?;
    cluster.sql("postgres", &format!("create database {database}"))?;
    let mut files = Vec::new();
    workspace::collect(&workspace::path(&format!("migrations/{name}")), &mut files)?;
    files.retain(|file| file.extension().is_some_and(|extension| extension == "sql"));
    files.sort();
    for file in files {
        let text = fs::read_to_string(&file)?;
        cluster
            .sql(&database, &text)
            .with_context(|| file.display().to_string())?;
    }
    Ok(cluster.scratch_url(&database))
}

/// Makes Cargo compile a crate again: it does not know that the macros read a database.
fn touch(name: &str) -> anyhow::Result<()> {
    let mut files = Vec::new();
    let folder = workspace::path(&format!("crates/{name}"));
    workspace::collect(&folder.join("tests"), &mut files)?;
    files.extend(["src/lib.rs", "src/main.rs"].map(|file| folder.join(file)));
    for file in files.iter().filter(|file| file.exists()) {
        File::options()
            .append(true)
            .open(file)?
            .set_modified(SystemTime::now())?;
    }
    Ok(())
}

fn committed(name: &str) -> PathBuf {
    workspace::path(&format!("crates/{name}/.sqlx"))
}

/// The files of a folder by name.
fn read(folder: &Path) -> anyhow::Result<BTreeMap<OsString, String>> {
    let mut files = Vec::new();
    workspace::collect(folder, &mut files)?;
    files
        .into_iter()
        .filter_map(|file| Some((file.file_name()?.to_owned(), file)))
        .map(|(name, file)| Ok((name, fs::read_to_string(file)?)))
        .collect()
}
