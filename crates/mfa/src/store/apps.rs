//! Client applications.

use sqlx::{PgExecutor, PgPool};
use time::OffsetDateTime;
use uuid::Uuid;

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
}

/// An application as the operator sees it.
#[derive(Debug, serde::Serialize)]
pub struct Listed {
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
    /// Whether it was disabled.
    pub disabled: bool,
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

/// The application with this id, unless it is disabled.
pub async fn by_id(pool: &PgPool, id: Uuid) -> sqlx::Result<Option<App>> {
    sqlx::query_as!(
        App,
        "select id, client_id, name, scopes from apps where id = $1 and disabled_at is null",
        id
    )
    .fetch_optional(pool)
    .await
}

/// The application that a certificate with these names stands for, unless it is disabled.
pub async fn by_certificate(pool: &PgPool, names: &[String]) -> sqlx::Result<Option<App>> {
    sqlx::query_as!(
        App,
        "select id, client_id, name, scopes from apps
         where certificate = any($1) and disabled_at is null
         order by client_id limit 1",
        names
    )
    .fetch_optional(pool)
    .await
}

/// The application of a client id, unless it is disabled, and the hash of its secret.
pub async fn by_client_id(
    pool: &PgPool,
    client_id: &str,
) -> sqlx::Result<Option<(App, Option<Vec<u8>>)>> {
    let row = sqlx::query!(
        "select id, client_id, name, scopes, secret_hash from apps
         where client_id = $1 and disabled_at is null",
        client_id
    )
    .fetch_optional(pool)
    .await?;
    Ok(row.map(|row| {
        let (id, client_id, name, scopes) = (row.id, row.client_id, row.name, row.scopes);
        (
            App {
                id,
                client_id,
                name,
                scopes,
            },
            row.secret_hash,
        )
    }))
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

/// All of them, by name.
pub async fn list(pool: &PgPool) -> sqlx::Result<Vec<Listed>> {
    sqlx::query_as!(
        Listed,
        r#"select id, client_id, name, certificate, scopes, secret_hash is not null as "secret!",
               disabled_at is not null as "disabled!"
           from apps order by client_id"#
    )
    .fetch_all(pool)
    .await
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
