//! Credentials of passkey factors, and what browsers were asked.

use sqlx::{PgConnection, PgExecutor};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::error::violates;

/// A credential of an active factor.
pub struct Credential {
    /// The factor.
    pub factor_id: Uuid,
    /// Whose factor it is.
    pub account_id: Uuid,
    /// The passkey, sealed.
    pub secret: Vec<u8>,
}

/// What a use of a passkey changes.
pub struct Use<'a> {
    /// The factor.
    pub factor: Uuid,
    /// As the authenticator counted.
    pub sign_count: u32,
    /// The passkey as it is now, sealed.
    pub secret: &'a [u8],
    /// Now.
    pub now: OffsetDateTime,
}

/// A login without a name.
pub struct Login {
    /// What the assertion is for.
    pub purpose: String,
    /// Sealed.
    pub state: Vec<u8>,
    /// Until when it can be answered.
    pub expires_at: OffsetDateTime,
}

/// Registers the credential of a factor; false when the application knows it already.
pub async fn insert(
    db: &mut PgConnection,
    factor: Uuid,
    app: Uuid,
    credential: &[u8],
    sealed: &[u8],
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "with factor as (update factors set secret = $4 where id = $1 returning id)
         insert into passkeys (factor_id, app_id, credential_id, sign_count)
         select id, $2, $3, 0 from factor",
        factor,
        app,
        credential,
        sealed
    )
    .execute(db)
    .await;
    match done {
        Ok(done) => Ok(done.rows_affected() == 1),
        Err(error) if violates(&error, "passkeys_app_id_credential_id_key") => Ok(false),
        Err(error) => Err(error),
    }
}

/// The active factor behind a credential of an application.
pub async fn by_credential(
    db: impl PgExecutor<'_>,
    app: Uuid,
    credential: &[u8],
) -> sqlx::Result<Option<Credential>> {
    sqlx::query_as!(
        Credential,
        "select factor_id, account_id, secret
         from passkeys join factors on factors.id = factor_id
         where app_id = $1 and credential_id = $2 and activated_at is not null",
        app,
        credential
    )
    .fetch_optional(db)
    .await
}

/// Notes a use; false when the authenticator did not count on: somebody may have copied it.
pub async fn note_use(db: &mut PgConnection, used: &Use<'_>) -> sqlx::Result<bool> {
    let count = i64::from(used.sign_count);
    sqlx::query!(
        "with counted as (
             update passkeys set sign_count = $2
             where factor_id = $1 and (sign_count < $2 or sign_count = 0 and $2 = 0)
             returning factor_id)
         update factors set secret = $3, last_used_at = $4 from counted where id = factor_id",
        used.factor,
        count,
        used.secret,
        used.now
    )
    .execute(db)
    .await
    .map(|done| done.rows_affected() == 1)
}

/// Keeps what a browser was asked for a challenge; false when the challenge was answered.
pub async fn keep_state(
    db: impl PgExecutor<'_>,
    challenge: Uuid,
    sealed: &[u8],
) -> sqlx::Result<bool> {
    sqlx::query!(
        "update challenges set passkey_state = $2 where id = $1 and completed_at is null",
        challenge,
        sealed
    )
    .execute(db)
    .await
    .map(|done| done.rows_affected() == 1)
}

/// Takes what a browser was asked for a challenge, once.
pub async fn take_state(db: impl PgExecutor<'_>, challenge: Uuid) -> sqlx::Result<Option<Vec<u8>>> {
    sqlx::query_scalar!(
        r#"with before as (
               select id, passkey_state from challenges
               where id = $1 and passkey_state is not null for update)
           update challenges set passkey_state = null from before
           where challenges.id = before.id
           returning before.passkey_state as "state!""#,
        challenge
    )
    .fetch_optional(db)
    .await
}

/// Opens a login without a name.
pub async fn open_login(
    db: impl PgExecutor<'_>,
    id: Uuid,
    app: Uuid,
    login: &Login,
) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into passkey_logins (id, app_id, purpose, state, expires_at)
         values ($1, $2, $3, $4, $5)",
        id,
        app,
        login.purpose,
        login.state,
        login.expires_at
    )
    .execute(db)
    .await
    .map(drop)
}

/// Takes a login of an application, once.
pub async fn take_login(
    db: impl PgExecutor<'_>,
    app: Uuid,
    id: Uuid,
) -> sqlx::Result<Option<Login>> {
    sqlx::query_as!(
        Login,
        "delete from passkey_logins where app_id = $1 and id = $2
         returning purpose, state, expires_at",
        app,
        id
    )
    .fetch_optional(db)
    .await
}
