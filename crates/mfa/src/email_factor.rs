//! The account's own mailbox as a second factor: bound by a code, `restricted` in every assertion.

use protocol::{
    Code,
    mfa::{FactorKind, PendingEmail},
};
use service::Problem;
use sqlx::PgConnection;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use crate::{
    app::App,
    client::Client,
    codes, enrolment,
    error::Result,
    identity,
    notify::{AccountNotice, Notice},
    store::{
        accounts::Account,
        factor_codes,
        factors::{self, Factor},
    },
    words,
};

/// How long the code that binds the factor is good for; the pending factor goes with it.
const CODE_LIFE: Duration = Duration::minutes(10);
/// What a factor is called when its owner says nothing.
const LABEL: &str = "E-mail";

/// Refuses what cannot be bound before anything is written or mailed.
pub fn ensure_possible(client: &Client, account: &Account) -> Result<()> {
    if !client.app.policy.takes(FactorKind::Email) {
        let message = "This application takes no codes by e-mail.";
        return Err(identity::invalid("kind", "unsupported", message).into());
    }
    if account.email_verified_at.is_none() {
        return Err(Problem::new(Code::EmailUnverified)
            .detail("Confirm the account's address first.")
            .into());
    }
    Ok(())
}

/// Adds a pending factor and mails its code. One that waits already makes room; an active one
/// stays the only one. The caller holds the account's row lock.
pub async fn add(
    db: &mut PgConnection,
    app: &App,
    client: &Client,
    account: &Account,
    label: Option<&str>,
    existing: &[Factor],
    now: OffsetDateTime,
) -> Result<PendingEmail> {
    for other in existing.iter().filter(|other| other.kind == "email") {
        if other.activated_at.is_some() {
            return Err(Problem::new(Code::FactorActive)
                .detail("Codes by e-mail are active already.")
                .into());
        }
        factors::delete(&mut *db, other.id).await?;
    }
    let id = Uuid::now_v7();
    let expires_at = now + CODE_LIFE;
    let label = label.unwrap_or(LABEL);
    // There is nothing to share; what is sealed is that this row is this factor.
    let place = enrolment::secret_place(account.app_id, account.id, id);
    let sealed = app.vault.seal(place, &[], &mut rand::rng());
    let new = factors::New {
        id,
        account: account.id,
        kind: "email",
        label,
        secret: &sealed,
        parameters: None,
        now,
        expires_at,
    };
    factors::insert(&mut *db, &new).await?;
    let code = codes::six_digits(&mut rand::rng());
    factor_codes::insert(&mut *db, id, &code_hash(app, id, &code), expires_at).await?;
    let minutes = CODE_LIFE.whole_minutes();
    let notice = Notice::Account(AccountNotice::ConfirmFactor { code, minutes });
    enrolment::mail(db, app, client, account, notice, now).await?;
    Ok(PendingEmail {
        factor_id: id.into(),
        kind: FactorKind::Email,
        label: label.to_owned(),
        recipient_hint: words::email_hint(&account.email),
        expires_at: expires_at.into(),
    })
}

/// Whether a code is the one that was mailed. Counts the try.
pub async fn matches_code(app: &App, factor: Uuid, typed: &str, now: OffsetDateTime) -> Result<()> {
    let code = codes::parse_six_digits(typed).unwrap_or_default();
    let hash = code_hash(app, factor, &code);
    match factor_codes::attempt(&app.pool, factor, &hash).await? {
        Some(attempt) if attempt.right && attempt.expires_at > now => Ok(()),
        Some(attempt) if attempt.right => Err(Code::ExpiredCode.into()),
        _ => Err(Code::InvalidCode.into()),
    }
}

fn code_hash(app: &App, factor: Uuid, code: &str) -> [u8; 32] {
    app.vault
        .mac("factor code", &[factor.as_bytes(), code.as_bytes()])
}
