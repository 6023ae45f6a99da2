//! Rule 16: an operator takes the factors off an account whose owner lost them all.
//!
//! It happens a day after it was asked for. The owner gets a mail with a link that calls it off, so
//! that nobody gets in by talking to an operator alone.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};
use sqlx::{PgConnection, PgPool};
use subtle::ConstantTimeEq;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use crate::{
    error::Result,
    notify::{self, AccountNotice, Mail, Notice},
    store::{
        accounts::{self, Account},
        apps, audit, challenges,
        factor_resets::{self, New, Reset},
        factors, failures, recovery_codes, remembered_devices,
    },
    vault::Vault,
};

/// How long the owner can object.
pub const DELAY: Duration = Duration::hours(24);

const ID: usize = 16;

/// What the parts of this rule share.
pub struct Resets<'a> {
    /// Seals mails.
    pub vault: &'a Vault,
    /// The page that the link in the mail leads to.
    pub cancel_url: &'a str,
}

/// What came of a token that calls a reset off.
pub enum Cancelled {
    /// It is off now, or was before.
    Off,
    /// The factors are gone already.
    TooLate,
    /// It names no reset.
    Unknown,
}

impl Resets<'_> {
    /// Announces a reset and says when it is due: anew, or when it was announced before.
    pub async fn announce(
        &self,
        db: &mut PgConnection,
        app: Uuid,
        app_name: &str,
        account: &Account,
        now: OffsetDateTime,
    ) -> Result<OffsetDateTime> {
        let id = Uuid::new_v4();
        let secret: [u8; 32] = rand::random();
        let due_at = now + DELAY;
        let new = New {
            id,
            account: account.id,
            cancel_hash: &Sha256::digest(secret),
            now,
            due_at,
        };
        if !factor_resets::insert(db, &new).await? {
            let announced = factor_resets::announced(db, account.id).await?;
            return Ok(announced.map_or(due_at, |reset| reset.due_at));
        }
        let token = URL_SAFE_NO_PAD.encode([id.as_bytes(), &secret[..]].concat());
        // Behind the #: neither servers nor proxies get to see it.
        let link = format!("{}#{token}", self.cancel_url);
        let hours = DELAY.whole_hours();
        let notice = AccountNotice::FactorsGoing { link, hours };
        tell(db, self.vault, (app, app_name), account, notice, now).await?;
        Ok(due_at)
    }

    /// Calls a reset off by the token of its mail.
    pub async fn cancel(
        &self,
        db: &mut PgConnection,
        token: &str,
        now: OffsetDateTime,
    ) -> Result<Cancelled> {
        let Some((id, secret)) = parse(token) else {
            return Ok(Cancelled::Unknown);
        };
        let reset = factor_resets::lock(db, id).await?;
        // Compared in any case, so that an unknown id takes as long as a wrong secret.
        let kept = reset
            .as_ref()
            .map_or_else(|| vec![0; 32], |reset| reset.cancel_hash.clone());
        let right: bool = Sha256::digest(&secret).as_slice().ct_eq(&kept).into();
        let Some(reset) = reset.filter(|_| right) else {
            return Ok(Cancelled::Unknown);
        };
        if reset.completed_at.is_some() {
            return Ok(Cancelled::TooLate);
        }
        if reset.cancelled_at.is_none() {
            self.call_off(db, &reset, now).await?;
        }
        Ok(Cancelled::Off)
    }

    /// Calls the announced reset of an account off; false when there is none.
    pub async fn withdraw(
        &self,
        db: &mut PgConnection,
        account: Uuid,
        now: OffsetDateTime,
    ) -> Result<bool> {
        let Some(reset) = factor_resets::announced(&mut *db, account).await? else {
            return Ok(false);
        };
        self.call_off(db, &reset, now).await?;
        Ok(true)
    }

    async fn call_off(
        &self,
        db: &mut PgConnection,
        reset: &Reset,
        now: OffsetDateTime,
    ) -> Result<()> {
        factor_resets::cancel(db, reset.id, now).await?;
        log(db, reset, "cancel_factor_reset", now).await?;
        if let Some(account) = accounts::by_id(&mut *db, reset.app_id, reset.account_id).await? {
            let app = (reset.app_id, &*reset.app_name);
            tell(
                db,
                self.vault,
                app,
                &account,
                AccountNotice::FactorsStay,
                now,
            )
            .await?;
        }
        Ok(())
    }
}

/// Takes the factors off every account whose day is over; how many.
pub async fn run_due(pool: &PgPool, vault: &Vault, now: OffsetDateTime) -> Result<u64> {
    let mut done = 0;
    loop {
        let mut transaction = pool.begin().await?;
        let db = &mut *transaction;
        let Some(reset) = factor_resets::due(db, now).await? else {
            return Ok(done);
        };
        let account = accounts::lock(db, reset.app_id, reset.account_id).await?;
        factors::delete_all(&mut *db, reset.account_id).await?;
        recovery_codes::replace(db, reset.account_id, &[]).await?;
        remembered_devices::delete_all(&mut *db, reset.account_id).await?;
        challenges::void(&mut *db, reset.account_id, now).await?;
        failures::clear(&mut *db, reset.account_id.as_bytes()).await?;
        factor_resets::complete(db, reset.id, now).await?;
        log(db, &reset, "reset_factors", now).await?;
        if let Some(account) = account {
            let app = (reset.app_id, &*reset.app_name);
            tell(db, vault, app, &account, AccountNotice::FactorsGone, now).await?;
        }
        transaction.commit().await?;
        done += 1;
    }
}

/// The application and account that an operator names: by id, username or address.
pub async fn find(
    db: &mut PgConnection,
    client_id: &str,
    name: &str,
) -> anyhow::Result<(apps::Row, Account)> {
    let app = apps::lock(&mut *db, client_id).await?;
    let app = app.ok_or_else(|| anyhow::anyhow!("there is no application {client_id:?}"))?;
    let account = match name.parse() {
        Ok(id) => accounts::by_id(&mut *db, app.id, id).await?,
        Err(_) if name.contains('@') => {
            accounts::by_email(&mut *db, app.id, &name.to_lowercase()).await?
        }
        Err(_) => {
            let username = crate::identity::fold_username(name);
            accounts::by_username(&mut *db, app.id, &username).await?
        }
    };
    let account = account.ok_or_else(|| anyhow::anyhow!("{client_id} has no account {name:?}"))?;
    Ok((app, account))
}

async fn log(
    db: &mut PgConnection,
    reset: &Reset,
    action: &str,
    now: OffsetDateTime,
) -> Result<()> {
    let entry = audit::Entry {
        app: reset.app_id,
        account: Some(reset.account_id),
        action,
        factor: None,
        result: "ok",
        address: None,
        request_id: None,
    };
    Ok(audit::append(db, &entry, now).await?)
}

async fn tell(
    db: &mut PgConnection,
    vault: &Vault,
    (app, app_name): (Uuid, &str),
    account: &Account,
    notice: AccountNotice,
    now: OffsetDateTime,
) -> Result<()> {
    let mail = Mail {
        to: account.email.clone(),
        name: account.name.clone(),
        language: account.language(),
        app: app_name.to_owned(),
        notice: Notice::Account(notice),
    };
    notify::enqueue(db, vault, app, &mail, now).await
}

fn parse(token: &str) -> Option<(Uuid, Vec<u8>)> {
    let whole = URL_SAFE_NO_PAD.decode(token).ok()?;
    let (id, secret) = whole.split_at_checked(ID)?;
    Some((Uuid::from_slice(id).ok()?, secret.to_vec()))
}
