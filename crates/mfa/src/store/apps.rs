//! Client applications.

use sqlx::{PgConnection, PgExecutor, PgPool};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{
    policy::{self, OwnRates, Policy},
    totp::Parameters,
};

/// A client application that may ask.
#[derive(Clone, Debug)]
pub struct App {
    /// The owner of its rows.
    pub id: Uuid,
    /// Its public name.
    pub client_id: String,
    /// What people see.
    pub name: String,
    /// What it may do.
    pub scopes: Vec<String>,
    /// What it asks of factors, and how much it may ask.
    pub policy: Policy,
}

/// An application as it is stored and as the operator sees it.
#[derive(Debug, serde::Serialize)]
pub struct Row {
    /// The owner of its rows.
    pub id: Uuid,
    /// Its public name.
    pub client_id: String,
    /// What people see.
    pub name: String,
    /// URI name of its certificate.
    pub certificate: Option<String>,
    /// What it may do.
    pub scopes: Vec<String>,
    /// Whether it has a secret.
    pub secret: bool,
    /// SHA-256 of its secret.
    #[serde(skip)]
    pub secret_hash: Option<Vec<u8>>,
    /// Whether it was disabled.
    pub disabled: bool,
    /// Kinds of factors that are taken.
    pub factors: Vec<String>,
    /// The hash of new TOTP factors.
    pub totp_algorithm: String,
    /// The digits of new TOTP factors.
    pub totp_digits: i16,
    /// The seconds of new TOTP factors.
    pub totp_period: i16,
    /// Earlier steps whose codes are taken; `TOTP_WINDOW` when absent.
    pub totp_window: Option<i16>,
    /// The domain that passkeys belong to.
    pub rp_id: Option<String>,
    /// The pages that may use passkeys.
    pub origins: Vec<String>,
    /// In place of the variable of the same name, as are the next three.
    pub rate_limit: Option<String>,
    /// Per client address.
    pub rate_limit_address: Option<String>,
    /// Sign-ups per client address.
    pub rate_limit_signup: Option<String>,
    /// Mails to one address.
    pub rate_limit_mail: Option<String>,
}

/// A new application.
pub struct New<'a> {
    /// Its public name.
    pub client_id: &'a str,
    /// What people see.
    pub name: &'a str,
    /// URI name of its certificate.
    pub certificate: Option<&'a str>,
    /// SHA-256 of its secret.
    pub secret_hash: Option<&'a [u8]>,
    /// What it may do.
    pub scopes: &'a [String],
}

macro_rules! select_app {
    ($rest:literal $(, $argument:expr)*) => {
        sqlx::query_as!(
            Row,
            r#"select id, client_id, name, certificate, scopes,
                   secret_hash is not null as "secret!", secret_hash,
                   disabled_at is not null as "disabled!", factors, totp_algorithm, totp_digits,
                   totp_period, totp_window, rp_id, origins, rate_limit, rate_limit_address,
                   rate_limit_signup, rate_limit_mail
               from apps "# + $rest,
            $($argument),*
        )
    };
}

/// The application with this id, unless it is disabled.
pub async fn by_id(pool: &PgPool, id: Uuid) -> sqlx::Result<Option<App>> {
    select_app!("where id = $1 and disabled_at is null", id)
        .fetch_optional(pool)
        .await?
        .map(App::try_from)
        .transpose()
}

/// The application that a certificate with these names stands for, unless it is disabled.
pub async fn by_certificate(pool: &PgPool, names: &[String]) -> sqlx::Result<Option<App>> {
    select_app!(
        "where certificate = any($1) and disabled_at is null order by client_id limit 1",
        names
    )
    .fetch_optional(pool)
    .await?
    .map(App::try_from)
    .transpose()
}

/// The application of a client id, unless it is disabled, and the hash of its secret.
pub async fn by_client_id(
    pool: &PgPool,
    client_id: &str,
) -> sqlx::Result<Option<(App, Option<Vec<u8>>)>> {
    let row = select_app!("where client_id = $1 and disabled_at is null", client_id)
        .fetch_optional(pool)
        .await?;
    row.map(|mut row| {
        let secret_hash = row.secret_hash.take();
        Ok((App::try_from(row)?, secret_hash))
    })
    .transpose()
}

/// An application, disabled or not, locked until the transaction ends.
pub async fn lock(db: &mut PgConnection, client_id: &str) -> sqlx::Result<Option<Row>> {
    select_app!("where client_id = $1 for update", client_id)
        .fetch_optional(db)
        .await
}

/// Registers an application; false when the client id or the certificate has one already.
pub async fn insert(db: impl PgExecutor<'_>, new: &New<'_>) -> sqlx::Result<bool> {
    sqlx::query!(
        "insert into apps (id, client_id, name, certificate, secret_hash, scopes)
         values ($1, $2, $3, $4, $5, $6) on conflict do nothing",
        Uuid::now_v7(),
        new.client_id,
        new.name,
        new.certificate,
        new.secret_hash,
        new.scopes
    )
    .execute(db)
    .await
    .map(|done| done.rows_affected() == 1)
}

/// Writes back name, scopes and rules of an application.
pub async fn update(db: &mut PgConnection, row: &Row) -> sqlx::Result<()> {
    sqlx::query!(
        "update apps set name = $2, scopes = $3, factors = $4, totp_algorithm = $5,
             totp_digits = $6, totp_period = $7, totp_window = $8, rp_id = $9, origins = $10,
             rate_limit = $11, rate_limit_address = $12, rate_limit_signup = $13,
             rate_limit_mail = $14
         where id = $1",
        row.id,
        row.name,
        &row.scopes,
        &row.factors,
        row.totp_algorithm,
        row.totp_digits,
        row.totp_period,
        row.totp_window,
        row.rp_id,
        &row.origins,
        row.rate_limit,
        row.rate_limit_address,
        row.rate_limit_signup,
        row.rate_limit_mail
    )
    .execute(db)
    .await
    .map(drop)
}

/// All of them, by name.
pub async fn list(pool: &PgPool) -> sqlx::Result<Vec<Row>> {
    select_app!("order by client_id").fetch_all(pool).await
}

/// Replaces the secret; false when there is no such application.
pub async fn set_secret(pool: &PgPool, client_id: &str, hash: &[u8]) -> sqlx::Result<bool> {
    sqlx::query!(
        "update apps set secret_hash = $2 where client_id = $1",
        client_id,
        hash
    )
    .execute(pool)
    .await
    .map(|done| done.rows_affected() == 1)
}

/// Disables an application; false when there is none that was enabled.
pub async fn disable(pool: &PgPool, client_id: &str, now: OffsetDateTime) -> sqlx::Result<bool> {
    sqlx::query!(
        "update apps set disabled_at = $2 where client_id = $1 and disabled_at is null",
        client_id,
        now
    )
    .execute(pool)
    .await
    .map(|done| done.rows_affected() == 1)
}

impl TryFrom<Row> for App {
    type Error = sqlx::Error;

    fn try_from(row: Row) -> sqlx::Result<Self> {
        let policy = policy(&row).ok_or_else(|| {
            let client_id = &row.client_id;
            sqlx::Error::Decode(format!("the rules of application {client_id} are broken").into())
        })?;
        Ok(Self {
            id: row.id,
            client_id: row.client_id,
            name: row.name,
            scopes: row.scopes,
            policy,
        })
    }
}

fn policy(row: &Row) -> Option<Policy> {
    let rate = |text: &Option<String>| text.as_deref().map(str::parse).transpose().ok();
    Some(Policy {
        factors: row
            .factors
            .iter()
            .map(|name| policy::kind(name))
            .collect::<Option<_>>()?,
        totp: Parameters::of_row(&row.totp_algorithm, row.totp_digits, row.totp_period)?,
        totp_window: row.totp_window.map(|steps| u64::from(steps.unsigned_abs())),
        rp_id: row.rp_id.clone(),
        origins: row.origins.clone(),
        rates: OwnRates {
            account: rate(&row.rate_limit)?,
            address: rate(&row.rate_limit_address)?,
            signup: rate(&row.rate_limit_signup)?,
            mail: rate(&row.rate_limit_mail)?,
        },
    })
}
