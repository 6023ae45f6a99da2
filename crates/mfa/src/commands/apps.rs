//! `snug-mfa apps`: register applications and set their rules.

use anyhow::{Context, ensure};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use http::Uri;
use service::config::Rate;
use sqlx::PgPool;
use time::OffsetDateTime;

use crate::{
    arguments::{Apps, Rules, Setting},
    config::is_client_id,
    http::token,
    store::apps::{self, New, Row},
};

/// What the command prints.
pub async fn apps_command(pool: &PgPool, command: &Apps) -> anyhow::Result<String> {
    match command {
        Apps::Create {
            client_id,
            name,
            scopes,
            certificate,
            rules,
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
            let mut transaction = pool.begin().await?;
            ensure!(
                apps::insert(&mut *transaction, &new).await?,
                "an application with this client id or certificate exists already"
            );
            let mut row = find(&mut transaction, client_id).await?;
            apply(&mut row, rules)?;
            apps::update(&mut transaction, &row).await?;
            transaction.commit().await?;
            Ok(credentials(client_id, &secret))
        }
        Apps::Set {
            client_id,
            name,
            scopes,
            rules,
        } => {
            let mut transaction = pool.begin().await?;
            let mut row = find(&mut transaction, client_id).await?;
            if let Some(name) = name {
                row.name.clone_from(name);
            }
            if !scopes.is_empty() {
                row.scopes.clone_from(scopes);
            }
            apply(&mut row, rules)?;
            apps::update(&mut transaction, &row).await?;
            transaction.commit().await?;
            Ok(rules_of(&row))
        }
        Apps::Show { client_id, json } => {
            let row = find(&mut *pool.acquire().await?, client_id).await?;
            match json {
                true => Ok(serde_json::to_string_pretty(&row)? + "\n"),
                false => Ok(rules_of(&row)),
            }
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

async fn find(db: &mut sqlx::PgConnection, client_id: &str) -> anyhow::Result<Row> {
    apps::lock(db, client_id)
        .await?
        .with_context(|| format!("there is no application {client_id:?}"))
}

/// Changes what is named.
fn apply(row: &mut Row, rules: &Rules) -> anyhow::Result<()> {
    if !rules.factors.is_empty() {
        row.factors.clone_from(&rules.factors);
        row.factors.sort();
        row.factors.dedup();
    }
    if let Some(algorithm) = &rules.totp_algorithm {
        row.totp_algorithm.clone_from(algorithm);
    }
    row.totp_digits = rules.totp_digits.unwrap_or(row.totp_digits);
    row.totp_period = rules.totp_period.unwrap_or(row.totp_period);
    set(&mut row.totp_window, &rules.totp_window, |steps| *steps);
    set(&mut row.rp_id, &rules.rp_id, String::clone);
    if rules.rp_id == Some(Setting::Default) {
        row.origins.clear();
    }
    if !rules.origins.is_empty() {
        row.origins.clone_from(&rules.origins);
    }
    set(&mut row.rate_limit, &rules.rate_limit, rate);
    set(&mut row.rate_limit_address, &rules.rate_limit_address, rate);
    set(&mut row.rate_limit_signup, &rules.rate_limit_signup, rate);
    set(&mut row.rate_limit_mail, &rules.rate_limit_mail, rate);
    set(&mut row.rate_limit_app, &rules.rate_limit_app, rate);
    check_origins(row)
}

fn set<T, S>(column: &mut Option<T>, setting: &Option<Setting<S>>, write: impl Fn(&S) -> T) {
    match setting {
        None => {}
        Some(Setting::Default) => *column = None,
        Some(Setting::Own(value)) => *column = Some(write(value)),
    }
}

fn rate(rate: &Rate) -> String {
    rate.to_string()
}

/// Browsers make passkeys for a domain on its own pages only, over TLS except on this machine.
fn check_origins(row: &Row) -> anyhow::Result<()> {
    let Some(rp_id) = &row.rp_id else {
        ensure!(row.origins.is_empty(), "--origin needs --rp-id");
        return Ok(());
    };
    for origin in &row.origins {
        let uri: Uri = origin
            .parse()
            .with_context(|| format!("--origin: {origin:?} is no origin"))?;
        let host = uri.host().unwrap_or_default();
        let secure = match uri.scheme_str() {
            Some("https") => true,
            Some("http") => host == "localhost",
            _ => false,
        };
        let bare = uri.path() == "/" && uri.query().is_none() && !origin.ends_with('/');
        ensure!(
            secure && bare,
            "--origin: {origin:?} is not of the form https://chat.example.org"
        );
        ensure!(
            host == rp_id || host.ends_with(&format!(".{rp_id}")),
            "--origin: {origin:?} is not within {rp_id}"
        );
    }
    Ok(())
}

/// The rules of an application as a list.
fn rules_of(row: &Row) -> String {
    let or_default = |value: &Option<String>| value.clone().unwrap_or("default".to_owned());
    let window = row.totp_window.map(|steps| steps.to_string());
    let totp = format!(
        "{}, {} digits, {} s",
        row.totp_algorithm, row.totp_digits, row.totp_period
    );
    let restricted = row
        .factors
        .iter()
        .any(|kind| ["email", "telegram"].contains(&kind.as_str()));
    let lines = [
        ("client id", row.client_id.clone()),
        ("name", row.name.clone()),
        ("certificate", row.certificate.clone().unwrap_or("-".into())),
        ("scopes", row.scopes.join(", ")),
        ("state", state(row).to_owned()),
        ("factors", row.factors.join(", ")),
        (
            "restricted ones",
            if restricted { "taken" } else { "refused" }.to_owned(),
        ),
        ("new TOTP", totp),
        ("earlier steps", or_default(&window)),
        ("passkey domain", row.rp_id.clone().unwrap_or("-".into())),
        ("passkey pages", row.origins.join(", ")),
        ("limit", or_default(&row.rate_limit)),
        ("limit, address", or_default(&row.rate_limit_address)),
        ("limit, sign-up", or_default(&row.rate_limit_signup)),
        ("limit, mail", or_default(&row.rate_limit_mail)),
        (
            "limit, all",
            row.rate_limit_app.clone().unwrap_or("none".into()),
        ),
    ];
    lines
        .into_iter()
        .map(|(name, value)| format!("{name:<16} {value}\n"))
        .collect()
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
        let certificate = app.certificate.as_deref().unwrap_or("-");
        let scopes = app.scopes.join(",");
        let state = state(&app);
        text.push_str(&format!(
            "{:<20} {certificate:<28} {scopes:<22} {state}\n",
            app.client_id
        ));
    }
    Ok(text)
}

const fn state(app: &Row) -> &'static str {
    if app.disabled { "disabled" } else { "enabled" }
}

fn new_secret() -> String {
    URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>())
}

fn credentials(client_id: &str, secret: &str) -> String {
    format!("client id      {client_id}\nclient secret  {secret}\nThe secret is shown this once.\n")
}
