//! `snug-mfa audit`: check the trails, hand them out in a form that others can check.

use std::path::Path;

use anyhow::{Context, bail};
use serde::{Deserialize, Serialize};
use sqlx::PgPool;

use crate::{
    http::audit::hex,
    store::{
        apps,
        audit::{self, Head},
    },
};

/// Entries that are read at once.
const PAGE: i64 = 1_000;

/// One line of an export: an entry, or after an application's entries the end of its chain.
///
/// `sha256(hash of the entry before || hashed)` is the entry's `hash`; before the first entry
/// there is nothing. `hashed` is a JSON array: application, number, microseconds since 1970,
/// account, action, factor, result, client's address, request id.
#[derive(Debug, Serialize, Deserialize)]
#[serde(untagged)]
enum Line {
    Entry {
        app: String,
        seq: i64,
        hashed: String,
        hash: String,
    },
    Head {
        app: String,
        head: i64,
        hash: String,
    },
}

/// Checks every application's trail: what it prints, or the first broken entry as an error.
pub async fn verify_audit(pool: &PgPool) -> anyhow::Result<String> {
    let mut text = String::new();
    for app in apps::list(pool).await? {
        if let Some(entry) = audit::first_break(pool, app.id).await? {
            bail!(
                "the audit trail of {} is broken at entry {entry}",
                app.client_id
            );
        }
        let head = audit::head(pool, app.id).await?;
        text.push_str(&format!(
            "{}: whole, {} entries, the last is {}\n",
            app.client_id,
            head.seq,
            hex(&head.hash)
        ));
    }
    Ok(text)
}

/// Checks that the trails still hold what an earlier export ended with: a trail that was cut off
/// and mended looks whole by itself.
pub async fn verify_against(pool: &PgPool, export: &Path) -> anyhow::Result<String> {
    let text = std::fs::read_to_string(export)
        .with_context(|| format!("cannot read {}", export.display()))?;
    let all = apps::list(pool).await?;
    let mut said = String::new();
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        let line = serde_json::from_str(line).context("this is no export of an audit trail")?;
        let Line::Head { app, head, hash } = line else {
            continue;
        };
        let Some(found) = all.iter().find(|one| one.client_id == app) else {
            bail!("the export knows an application {app:?} that is gone");
        };
        let held =
            head == 0 || audit::hash(pool, found.id, head).await?.map(|h| hex(&h)) == Some(hash);
        if !held {
            bail!("the audit trail of {app} does not hold entry {head} of the export any more");
        }
        said.push_str(&format!("{app}: holds entry {head} of the export\n"));
    }
    Ok(said)
}

/// Writes the trails as JSON lines, of one application or of all.
pub async fn export_audit(
    pool: &PgPool,
    only: Option<&str>,
    out: &mut impl std::io::Write,
) -> anyhow::Result<()> {
    let all = apps::list(pool).await?;
    let wanted: Vec<_> = all
        .iter()
        .filter(|app| only.is_none_or(|only| only == app.client_id))
        .collect();
    if let Some(only) = only.filter(|_| wanted.is_empty()) {
        bail!("there is no application {only:?}");
    }
    for app in wanted {
        let mut last = Head::default();
        loop {
            let page = audit::export(pool, app.id, last.seq, PAGE).await?;
            let Some(end) = page.last() else { break };
            (last.seq, last.hash) = (end.seq, end.hash.clone());
            for entry in page {
                let line = Line::Entry {
                    app: app.client_id.clone(),
                    seq: entry.seq,
                    hashed: entry.hashed,
                    hash: hex(&entry.hash),
                };
                writeln!(out, "{}", serde_json::to_string(&line)?)?;
            }
        }
        let line = Line::Head {
            app: app.client_id.clone(),
            head: last.seq,
            hash: hex(&last.hash),
        };
        writeln!(out, "{}", serde_json::to_string(&line)?)?;
    }
    Ok(())
}
