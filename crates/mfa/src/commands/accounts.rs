//! `snug-mfa accounts`: look at accounts, help their owners, take them over from older set-ups.

use anyhow::{Context, bail, ensure};
use protocol::mfa::Language;
use serde::Serialize;
use sqlx::{PgConnection, PgPool};
use time::OffsetDateTime;
use totp_rs::Secret;
use uuid::Uuid;

use crate::{
    arguments::Accounts,
    budget,
    enrolment::{self, secret_place},
    factor_reset::{self, Resets},
    identity::{Email, parse_username},
    keys,
    store::{
        accounts::{self, Account, New},
        apps, audit, factor_resets, factors, failures, recovery_codes, remembered_devices,
    },
    totp::Parameters,
    vault::Vault,
};

/// An account as an operator sees it.
#[derive(Serialize)]
struct Shown {
    account_id: Uuid,
    username: Option<String>,
    email: String,
    email_verified: bool,
    complete: bool,
    #[serde(with = "time::serde::rfc3339")]
    created_at: OffsetDateTime,
    factors: Vec<String>,
    recovery_codes_left: u32,
    remembered_devices: usize,
    #[serde(with = "time::serde::rfc3339::option")]
    factors_go_at: Option<OffsetDateTime>,
}

/// What the command prints.
pub async fn accounts_command(
    pool: &PgPool,
    vault: &Vault,
    cancel_url: &str,
    command: &Accounts,
    now: OffsetDateTime,
) -> anyhow::Result<String> {
    let mut transaction = pool.begin().await?;
    let db = &mut *transaction;
    keys::check_vault(db, vault).await?;
    let resets = Resets { vault, cancel_url };
    let text = match command {
        Accounts::List { app, json } => list(db, app, *json).await?,
        Accounts::Show { app, account, json } => {
            let (_, account) = factor_reset::find(db, app, account).await?;
            let shown = show(db, &account, now).await?;
            match json {
                true => serde_json::to_string_pretty(&shown)? + "\n",
                false => lines(&shown),
            }
        }
        Accounts::Unlock { app, account } => {
            let (app, account) = factor_reset::find(db, app, account).await?;
            unlock(db, vault, &app, &account).await?;
            log(db, &account, "unlock", now).await?;
            "failures are forgotten and locks open\n".to_owned()
        }
        Accounts::ResetFactors { app, account } => {
            let (app, account) = factor_reset::find(db, app, account).await?;
            let due = resets
                .announce(db, app.id, &app.name, &account, now)
                .await?;
            log(db, &account, "announce_factor_reset", now).await?;
            let (date, hour, minute) = (due.date(), due.hour(), due.minute());
            format!(
                "the owner gets a mail now; unless they object, the factors go at \
                 {date} {hour:02}:{minute:02} UTC\n"
            )
        }
        Accounts::KeepFactors { app, account } => {
            let (_, account) = factor_reset::find(db, app, account).await?;
            ensure!(
                resets.withdraw(db, account.id, now).await?,
                "no reset of factors is announced for this account"
            );
            "the factors stay\n".to_owned()
        }
        Accounts::Import { app, file } => {
            let text = std::fs::read_to_string(file)
                .with_context(|| format!("cannot read {}", file.display()))?;
            import(db, vault, app, &text, now).await?
        }
    };
    transaction.commit().await?;
    Ok(text)
}

async fn list(db: &mut PgConnection, client_id: &str, json: bool) -> anyhow::Result<String> {
    let app = apps::lock(&mut *db, client_id).await?;
    let app = app.with_context(|| format!("there is no application {client_id:?}"))?;
    let all = accounts::list(db, app.id).await?;
    if json {
        return Ok(serde_json::to_string_pretty(&all)? + "\n");
    }
    let mut text = format!(
        "{:<36} {:<20} {:<32} {:>7} STATE\n",
        "ACCOUNT", "USERNAME", "E-MAIL", "FACTORS"
    );
    for one in all {
        let username = one.username.as_deref().unwrap_or("-");
        let state = if one.complete {
            "complete"
        } else {
            "unfinished"
        };
        text.push_str(&format!(
            "{:<36} {username:<20} {:<32} {:>7} {state}\n",
            one.account_id, one.email, one.factors
        ));
    }
    Ok(text)
}

async fn show(
    db: &mut PgConnection,
    account: &Account,
    now: OffsetDateTime,
) -> anyhow::Result<Shown> {
    let all = factors::list(&mut *db, account.id, now).await?;
    let active = all.iter().filter(|one| one.activated_at.is_some());
    let announced = factor_resets::announced(&mut *db, account.id).await?;
    Ok(Shown {
        account_id: account.id,
        username: account.username.clone(),
        email: account.email.clone(),
        email_verified: account.email_verified_at.is_some(),
        complete: account.completed_at.is_some(),
        created_at: account.created_at,
        factors: active
            .map(|one| format!("{} ({})", one.kind, one.label))
            .collect(),
        recovery_codes_left: recovery_codes::left(&mut *db, account.id).await?,
        remembered_devices: remembered_devices::list(db, account.id, now).await?.len(),
        factors_go_at: announced.map(|reset| reset.due_at),
    })
}

fn lines(shown: &Shown) -> String {
    let yes = |is: bool| if is { "yes" } else { "no" }.to_owned();
    let going = shown.factors_go_at.map(|at| at.to_string());
    let lines = [
        ("account", shown.account_id.to_string()),
        ("username", shown.username.clone().unwrap_or("-".into())),
        ("e-mail", shown.email.clone()),
        ("confirmed", yes(shown.email_verified)),
        ("complete", yes(shown.complete)),
        ("made", shown.created_at.date().to_string()),
        ("factors", shown.factors.join(", ")),
        ("recovery codes", shown.recovery_codes_left.to_string()),
        ("remembered", shown.remembered_devices.to_string()),
        ("factors go at", going.unwrap_or("-".into())),
    ];
    lines
        .into_iter()
        .map(|(name, value)| format!("{name:<16} {value}\n"))
        .collect()
}

async fn unlock(
    db: &mut PgConnection,
    vault: &Vault,
    app: &apps::Row,
    account: &Account,
) -> anyhow::Result<()> {
    failures::clear(&mut *db, account.id.as_bytes()).await?;
    for name in account.username.iter().chain([&account.email_key]) {
        failures::clear(&mut *db, &budget::name_digest(vault, app.id, name)).await?;
    }
    Ok(())
}

async fn log(
    db: &mut PgConnection,
    account: &Account,
    action: &str,
    now: OffsetDateTime,
) -> anyhow::Result<()> {
    let entry = audit::Entry {
        app: account.app_id,
        account: Some(account.id),
        action,
        factor: None,
        result: "ok",
        address: None,
        request_id: None,
    };
    Ok(audit::append(db, &entry, now).await?)
}

/// Accounts and TOTP secrets from a `.env` with `ANN_SECRET` and `ANN_EMAIL` for each person.
async fn import(
    db: &mut PgConnection,
    vault: &Vault,
    client_id: &str,
    text: &str,
    now: OffsetDateTime,
) -> anyhow::Result<String> {
    let app = apps::lock(&mut *db, client_id).await?;
    let app = app.with_context(|| format!("there is no application {client_id:?}"))?;
    let pairs: Vec<(&str, &str)> = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once('='))
        .map(|(name, value)| (name.trim(), value.trim().trim_matches(['"', '\''])))
        .collect();
    let value = |name: String| pairs.iter().find(|pair| pair.0 == name).map(|pair| pair.1);
    let mut report = String::new();
    let mut count = 0;
    for (name, secret) in &pairs {
        let Some(person) = name.strip_suffix("_SECRET") else {
            continue;
        };
        let email = value(format!("{person}_EMAIL"))
            .with_context(|| format!("{person}_EMAIL is missing: an account needs an address"))?;
        let username = take(db, vault, &app, person, email, secret, now).await?;
        count += 1;
        report.push_str(&format!("{username}: imported"));
        if value(format!("{person}_TELEGRAM_ID")).is_some() {
            report.push_str("; Telegram has to be connected anew: a chat proves itself");
        }
        report.push('\n');
    }
    ensure!(count > 0, "the file has no line like ANN_SECRET=…");
    Ok(report)
}

async fn take(
    db: &mut PgConnection,
    vault: &Vault,
    app: &apps::Row,
    person: &str,
    email: &str,
    secret: &str,
    now: OffsetDateTime,
) -> anyhow::Result<String> {
    let wrong = |what: &str| format!("{person}: {what}");
    let username = parse_username(person).map_err(|_| anyhow::anyhow!(wrong("no username")))?;
    let email = Email::parse(email).map_err(|_| anyhow::anyhow!(wrong("no e-mail address")))?;
    let secret = Secret::try_from_base32(secret.trim_end_matches('=').to_uppercase())
        .map_err(|_| anyhow::anyhow!(wrong("the secret is no base32")))?;
    let id = Uuid::now_v7();
    let expires_at = now + enrolment::UNFINISHED_LIFE;
    let new = New {
        id,
        app: app.id,
        email: &email.address,
        email_key: &email.key,
        username: Some(&username),
        name: None,
        language: Language::En,
        password_hash: None,
        factor_required: true,
        now,
        expires_at,
    };
    if accounts::insert(db, &new).await?.is_err() {
        bail!(wrong("there is an account with this name already"));
    }
    if accounts::verify_email(db, id, now, expires_at)
        .await?
        .is_err()
    {
        bail!(wrong("another account has this address"));
    }
    let factor = Uuid::now_v7();
    let place = secret_place(app.id, id, factor);
    let sealed = vault.seal(place, secret.as_bytes(), &mut rand::rng());
    let new = factors::New {
        id: factor,
        account: id,
        kind: "totp",
        label: enrolment::LABEL,
        secret: &sealed,
        parameters: Some(Parameters::default()),
        now,
        expires_at,
    };
    factors::insert(&mut *db, &new).await?;
    factors::activate(db, factor, -1, now).await?;
    accounts::complete(db, id, now).await?;
    let account = accounts::by_id(&mut *db, app.id, id).await?;
    let account = account.context("it was just made")?;
    log(db, &account, "import", now).await?;
    Ok(username)
}
