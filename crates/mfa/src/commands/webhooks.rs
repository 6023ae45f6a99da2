//! `snug-mfa webhooks`: the endpoints that get an application's events.

use anyhow::{Context, anyhow, ensure};
use sqlx::PgPool;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use crate::{
    arguments::Webhooks,
    store::webhooks as rows,
    vault::Vault,
    webhooks::{parse_url, secret, shown},
};

/// How long the former secret of an endpoint signs too.
const OVERLAP: Duration = Duration::hours(24);
/// Longest URL, in bytes.
const URL_MAX: usize = 2_048;

/// What the command prints. `private`: endpoints on private addresses are allowed.
pub async fn webhooks_command(
    pool: &PgPool,
    vault: &Vault,
    private: bool,
    command: &Webhooks,
) -> anyhow::Result<String> {
    let now = OffsetDateTime::now_utc();
    match command {
        Webhooks::Add {
            client_id,
            url,
            events,
        } => {
            ensure!(url.len() <= URL_MAX, "the URL is too long");
            parse_url(url, private).map_err(|fault| anyhow!("{url}: {fault}"))?;
            let id = Uuid::now_v7();
            let added = rows::insert(pool, client_id, id, url, events, now).await?;
            ensure!(added, "there is no application {client_id:?}");
            Ok(told(id, &shown(&*secret(vault, id, 1))))
        }
        Webhooks::List { client_id, json } => {
            let all = rows::list(pool, client_id).await?;
            if *json {
                return Ok(serde_json::to_string_pretty(&all)? + "\n");
            }
            let mut text = String::new();
            for one in all {
                let events = match one.events.is_empty() {
                    true => "all events".to_owned(),
                    false => one.events.join(","),
                };
                text.push_str(&format!("{}  {}  {events}\n", one.id, one.url));
            }
            Ok(text)
        }
        Webhooks::Rotate { id } => {
            let version = rows::rotate(pool, *id, now + OVERLAP).await?;
            let version = version.with_context(|| format!("there is no webhook {id}"))?;
            let mut text = told(*id, &shown(&*secret(vault, *id, version)));
            text.push_str("The former secret signs too for 24 hours.\n");
            Ok(text)
        }
        Webhooks::Remove { id } => {
            ensure!(rows::remove(pool, *id).await?, "there is no webhook {id}");
            Ok(format!("{id} is removed\n"))
        }
    }
}

fn told(id: Uuid, secret: &str) -> String {
    format!("webhook  {id}\nsecret   {secret}\nThe secret is shown this once.\n")
}
