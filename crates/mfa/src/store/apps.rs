//! Client applications.

use std::sync::Arc;

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
    /// All requests together; without a limit when absent.
    pub rate_limit_app: Option<String>,
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
                   rate_limit_signup, rate_limit_mail, rate_limit_app
               from apps "# + $rest,
            $($argument),*
        )
    };
}

/// How an application says who it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Who {
    /// The id in its access token.
    Id(Uuid),
    /// The URI names of its certificate.
    Certificate(Arc<[String]>),
}

/// The applications that these stand for, in their order; `None` for those that are disabled or
/// unknown.
pub async fn find(pool: &PgPool, all: &[Who]) -> sqlx::Result<Vec<Option<App>>> {
    let (mut ids, mut names) = (Vec::new(), Vec::new());
    for who in all {
        match who {
            Who::Id(id) if !ids.contains(id) => ids.push(*id),
            Who::Certificate(own) => {
                for name in own.iter() {
                    if !names.contains(name) {
                        names.push(name.clone());
                    }
                }
            }
            Who::Id(_) => {}
        }
    }
    let rows = select_app!(
        "where (id = any($1) or certificate = any($2)) and disabled_at is null order by client_id",
        &ids,
        &names
    )
    .fetch_all(pool)
    .await?;
    let found = rows
        .into_iter()
        .map(|row| {
            let certificate = row.certificate.clone();
            Ok((certificate, App::try_from(row)?))
        })
        .collect::<sqlx::Result<Vec<_>>>()?;
    let fits = |who: &Who, certificate: &Option<String>, app: &App| match who {
        Who::Id(id) => app.id == *id,
        Who::Certificate(names) => certificate.as_ref().is_some_and(|own| names.contains(own)),
    };
    let one = |who| {
        let mut fitting = found.iter().filter(|(name, app)| fits(who, name, app));
        fitting.next().map(|(_, app)| app.clone())
    };
    Ok(all.iter().map(one).collect())
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
             rate_limit_mail = $14, rate_limit_app = $15
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
        row.rate_limit_mail,
        row.rate_limit_app
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
            app: rate(&row.rate_limit_app)?,
        },
    })
}
