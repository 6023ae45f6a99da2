//! What an operator can do besides serving: `snug-mfa apps`, `accounts`, `keys`, …

mod accounts;
mod apps;
mod audit;
mod webhooks;

use anyhow::{Context, bail};
use service::admin;
use sqlx::PgPool;
use time::OffsetDateTime;

use crate::{
    MIGRATOR,
    arguments::{Audit, Command, Keys},
    config::Config,
    keys,
    start::connect,
    vault::Vault,
};
pub use accounts::accounts_command;
pub use apps::apps_command;
pub use audit::{export_audit, verify_against, verify_audit};
pub use webhooks::webhooks_command;

/// Runs a command and prints its result.
pub async fn run(config: &Config, command: &Command) -> anyhow::Result<()> {
    let text = match command {
        Command::Serve => bail!("serving is no command of an operator"),
        Command::Health => {
            admin::probe(config.admin_listen).await?;
            "ok\n".to_owned()
        }
        Command::Apps(command) => apps_command(&database(config).await?, command).await?,
        Command::Accounts(command) => {
            let (pool, vault) = (database(config).await?, config.vault()?);
            let now = OffsetDateTime::now_utc();
            accounts_command(&pool, &vault, &config.cancel_url(), command, now).await?
        }
        Command::Keys(command) => {
            keys_command(&database(config).await?, &config.vault()?, command).await?
        }
        Command::Webhooks(command) => {
            let pool = database(config).await?;
            let vault = config.vault()?;
            let mut transaction = pool.begin().await?;
            keys::lock(&mut transaction).await?;
            keys::check_vault(&mut transaction, &vault).await?;
            transaction.commit().await?;
            webhooks_command(&pool, &vault, config.webhook_private, command).await?
        }
        Command::Audit(Audit::Verify { against: None }) => {
            verify_audit(&database(config).await?).await?
        }
        Command::Audit(Audit::Verify {
            against: Some(export),
        }) => {
            let pool = database(config).await?;
            verify_audit(&pool).await? + &verify_against(&pool, export).await?
        }
        Command::Audit(Audit::Export { app }) => {
            let mut out = std::io::stdout().lock();
            export_audit(&database(config).await?, app.as_deref(), &mut out).await?;
            String::new()
        }
    };
    print!("{text}");
    Ok(())
}

async fn database(config: &Config) -> anyhow::Result<PgPool> {
    let pool = connect(config)?;
    MIGRATOR.run(&pool).await.context("DATABASE_URL")?;
    Ok(pool)
}

/// `snug-mfa keys …`: what it prints.
pub async fn keys_command(pool: &PgPool, vault: &Vault, command: &Keys) -> anyhow::Result<String> {
    let now = OffsetDateTime::now_utc();
    match command {
        Keys::Status { json } => {
            let status = keys::status(pool, vault, now).await?;
            match json {
                true => Ok(serde_json::to_string_pretty(&status)? + "\n"),
                false => Ok(status.to_string()),
            }
        }
        Keys::Rotate => {
            let done = keys::reseal::run(pool, vault, |line| eprintln!("{line}")).await?;
            Ok(format!(
                "{done} values sealed anew; everything is sealed with {} now\n",
                vault.key_id()
            ))
        }
        Keys::Renew { at_once } => keys::renew(pool, vault, *at_once, now).await,
    }
}
