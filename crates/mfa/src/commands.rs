//! What an operator can do besides serving: `snug-mfa apps`, `keys`, `health`.

use anyhow::{Context, bail, ensure};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use service::admin;
use sqlx::PgPool;
use time::OffsetDateTime;

use crate::{
    MIGRATOR,
    arguments::{Apps, Audit, Command, Keys},
    config::{Config, is_client_id},
    http::token,
    keys,
    start::connect,
    store::{
        apps::{self, New},
        audit,
    },
};

/// Runs a command and prints its result.
pub async fn run(config: &Config, command: &Command) -> anyhow::Result<()> {
    let text = match command {
        Command::Serve => bail!("serving is no command of an operator"),
        Command::Health => {
            admin::probe(config.admin_listen).await?;
            "ok\n".to_owned()
        }
        Command::Apps(command) => apps_command(&database(config).await?, command).await?,
        Command::Keys(Keys::Status) => {
            let pool = database(config).await?;
            keys::status(&pool, &config.vault()?, OffsetDateTime::now_utc()).await?
        }
        Command::Audit(Audit::Verify) => verify_audit(&database(config).await?).await?,
    };
    print!("{text}");
    Ok(())
}

async fn database(config: &Config) -> anyhow::Result<PgPool> {
    let pool = connect(config)?;
    MIGRATOR.run(&pool).await.context("DATABASE_URL")?;
    Ok(pool)
}

/// `snug-mfa apps …`: what it prints.
pub async fn apps_command(pool: &PgPool, command: &Apps) -> anyhow::Result<String> {
    match command {
        Apps::Create {
            client_id,
            name,
            scopes,
            certificate,
        } => {
            ensure!(
                is_client_id(client_id),
                "{client_id:?} is no client id: use a-z, 0-9 and dashes, 63 characters at most"
            );
            let secret = new_secret();
            let new = New {
                client_id,
                name: name.as_deref().unwrap_or(client_id),
                certificate: certificate.as_deref(),
                secret_hash: Some(&token::hash(&secret)),
                scopes,
            };
            ensure!(
                apps::insert(pool, &new).await?,
                "an application with this client id or certificate exists already"
            );
            Ok(credentials(client_id, &secret))
        }
        Apps::Rotate { client_id } => {
            let secret = new_secret();
            let found = apps::set_secret(pool, client_id, &token::hash(&secret)).await?;
            ensure!(found, "there is no application {client_id:?}");
            Ok(credentials(client_id, &secret))
        }
        Apps::Disable { client_id } => {
            let done = apps::disable(pool, client_id, OffsetDateTime::now_utc()).await?;
            ensure!(done, "there is no enabled application {client_id:?}");
            Ok(format!("{client_id} is disabled\n"))
        }
        Apps::List { json } => list(pool, *json).await,
    }
}

async fn list(pool: &PgPool, json: bool) -> anyhow::Result<String> {
    let all = apps::list(pool).await?;
    if json {
        return Ok(serde_json::to_string_pretty(&all)? + "\n");
    }
    let mut text = format!(
        "{:<20} {:<28} {:<22} STATE\n",
        "CLIENT ID", "CERTIFICATE", "SCOPES"
    );
    for app in all {
        let state = if app.disabled { "disabled" } else { "enabled" };
        let certificate = app.certificate.as_deref().unwrap_or("-");
        let scopes = app.scopes.join(",");
        text.push_str(&format!(
            "{:<20} {certificate:<28} {scopes:<22} {state}\n",
            app.client_id
        ));
    }
    Ok(text)
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
        text.push_str(&format!("{}: whole\n", app.client_id));
    }
    Ok(text)
}

fn new_secret() -> String {
    URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>())
}

fn credentials(client_id: &str, secret: &str) -> String {
    format!("client id      {client_id}\nclient secret  {secret}\nThe secret is shown this once.\n")
}
