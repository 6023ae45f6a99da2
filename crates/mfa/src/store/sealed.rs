//! Sealed values wherever they lie, by the key that sealed them: bytes 2 to 9 are its name.

use sqlx::PgPool;
use uuid::Uuid;

/// How many values a key sealed.
pub struct Count {
    /// The key's name, in hex.
    pub key: String,
    /// Values.
    pub values: i64,
}

/// All sealed values by key.
pub async fn count(pool: &PgPool) -> sqlx::Result<Vec<Count>> {
    sqlx::query_as!(
        Count,
        r#"select encode(substring(value from 2 for 8), 'hex') as "key!", count(*) as "values!"
           from (
               select secret as value from factors
               union all select payload from outbox where payload is not null
               union all select private_key from signing_keys
               union all select reply from idempotency where reply is not null
               union all select value from settings where key in ('vault check', 'codes key')
           ) as sealed
           group by 1 order by 1"#
    )
    .fetch_all(pool)
    .await
}

/// A factor's secret.
pub struct Factor {
    /// The factor.
    pub id: Uuid,
    /// Its account.
    pub account_id: Uuid,
    /// Its application.
    pub app_id: Uuid,
    /// Sealed.
    pub secret: Vec<u8>,
}

/// Factors that another key sealed, in order of their ids.
pub async fn factors(
    pool: &PgPool,
    active: &[u8],
    after: Uuid,
    limit: i64,
) -> sqlx::Result<Vec<Factor>> {
    sqlx::query_as!(
        Factor,
        "select f.id, f.account_id, a.app_id, f.secret
         from factors f join accounts a on a.id = f.account_id
         where f.id > $2 and substring(f.secret from 2 for 8) <> $1
         order by f.id limit $3",
        active,
        after,
        limit
    )
    .fetch_all(pool)
    .await
}

/// Puts a factor's secret, unless it changed.
pub async fn put_factor(pool: &PgPool, id: Uuid, before: &[u8], after: &[u8]) -> sqlx::Result<u64> {
    sqlx::query!(
        "update factors set secret = $3 where id = $1 and secret = $2",
        id,
        before,
        after
    )
    .execute(pool)
    .await
    .map(|done| done.rows_affected())
}

/// A mail's content.
pub struct Parcel {
    /// The row.
    pub id: Uuid,
    /// Its application.
    pub app_id: Uuid,
    /// Sealed.
    pub payload: Vec<u8>,
}

/// Waiting mails that another key sealed.
pub async fn outbox(pool: &PgPool, active: &[u8]) -> sqlx::Result<Vec<Parcel>> {
    sqlx::query_as!(
        Parcel,
        r#"select id, app_id, payload as "payload!" from outbox
           where payload is not null and substring(payload from 2 for 8) <> $1"#,
        active
    )
    .fetch_all(pool)
    .await
}

/// Puts a mail's content, unless it changed.
pub async fn put_outbox(pool: &PgPool, id: Uuid, before: &[u8], after: &[u8]) -> sqlx::Result<u64> {
    sqlx::query!(
        "update outbox set payload = $3 where id = $1 and payload = $2",
        id,
        before,
        after
    )
    .execute(pool)
    .await
    .map(|done| done.rows_affected())
}

/// A private key.
pub struct Private {
    /// Its name.
    pub kid: String,
    /// Sealed.
    pub private_key: Vec<u8>,
}

/// Signing keys that another key sealed.
pub async fn signing_keys(pool: &PgPool, active: &[u8]) -> sqlx::Result<Vec<Private>> {
    sqlx::query_as!(
        Private,
        "select kid, private_key from signing_keys
         where substring(private_key from 2 for 8) <> $1",
        active
    )
    .fetch_all(pool)
    .await
}

/// Puts a private key, unless it changed.
pub async fn put_signing_key(
    pool: &PgPool,
    kid: &str,
    before: &[u8],
    after: &[u8],
) -> sqlx::Result<u64> {
    sqlx::query!(
        "update signing_keys set private_key = $3 where kid = $1 and private_key = $2",
        kid,
        before,
        after
    )
    .execute(pool)
    .await
    .map(|done| done.rows_affected())
}

/// A stored reply.
pub struct Reply {
    /// The application.
    pub app_id: Uuid,
    /// The request's key.
    pub key: String,
    /// Sealed.
    pub reply: Vec<u8>,
}

/// Replies that another key sealed.
pub async fn idempotency(pool: &PgPool, active: &[u8]) -> sqlx::Result<Vec<Reply>> {
    sqlx::query_as!(
        Reply,
        r#"select app_id, key, reply as "reply!" from idempotency
           where reply is not null and substring(reply from 2 for 8) <> $1"#,
        active
    )
    .fetch_all(pool)
    .await
}

/// Puts a reply, unless it changed.
pub async fn put_idempotency(
    pool: &PgPool,
    app: Uuid,
    key: &str,
    before: &[u8],
    after: &[u8],
) -> sqlx::Result<u64> {
    sqlx::query!(
        "update idempotency set reply = $4 where app_id = $1 and key = $2 and reply = $3",
        app,
        key,
        before,
        after
    )
    .execute(pool)
    .await
    .map(|done| done.rows_affected())
}
