//! The audit trail: a chain of hashes per application.

use sqlx::{PgExecutor, PgPool};
use time::OffsetDateTime;
use uuid::Uuid;

/// One thing that happened. Never a secret, a code or an address of mail.
#[derive(Clone, Copy)]
pub struct Entry<'a> {
    /// The application.
    pub app: Uuid,
    /// The account, when there is one.
    pub account: Option<Uuid>,
    /// What was tried: `login`, `verify`, …
    pub action: &'a str,
    /// With which factor.
    pub factor: Option<&'a str>,
    /// `ok` or the problem's code.
    pub result: &'a str,
    /// The client's address.
    pub address: Option<&'a str>,
    /// The request's id.
    pub request_id: Option<&'a str>,
}

/// Appends an entry to its application's chain.
pub async fn append(
    db: impl PgExecutor<'_>,
    entry: &Entry<'_>,
    now: OffsetDateTime,
) -> sqlx::Result<()> {
    sqlx::query!(
        "select audit_append($1, $2, $3, $4, $5, $6, $7, $8)",
        entry.app,
        now,
        entry.account,
        entry.action,
        entry.factor,
        entry.result,
        entry.address,
        entry.request_id
    )
    .execute(db)
    .await
    .map(drop)
}

/// The first entry of an application's chain that was changed, or follows one that is missing;
/// `None` when the chain is whole.
pub async fn first_break(pool: &PgPool, app: Uuid) -> sqlx::Result<Option<i64>> {
    sqlx::query_scalar!(
        r#"with chain as (
               select a.seq, a.hash, audit_hash(coalesce(lag(a.hash) over w, ''), a) as expected,
                   row_number() over w as position
               from audit a where a.app_id = $1 window w as (order by a.seq))
           select min(seq) from (
               select seq from chain where hash <> expected or seq <> position
               union all
               select h.seq from audit_heads h where h.app_id = $1 and h.seq > 0 and not exists (
                   select from audit a
                   where a.app_id = $1 and a.seq = h.seq and a.hash = h.hash)) as broken"#,
        app
    )
    .fetch_one(pool)
    .await
}

/// Which entries of an application's chain.
pub struct Filter<'a> {
    /// Those of an account.
    pub account: Option<Uuid>,
    /// Those of an action.
    pub action: Option<&'a str>,
    /// Those from this time on.
    pub from: Option<OffsetDateTime>,
    /// Those before this time.
    pub until: Option<OffsetDateTime>,
    /// Those before this entry.
    pub before: Option<i64>,
    /// So many at most.
    pub limit: i64,
}

/// One entry as it stands.
pub struct Row {
    /// Its number.
    pub seq: i64,
    /// When.
    pub at: OffsetDateTime,
    /// The account, when there is one.
    pub account_id: Option<Uuid>,
    /// What was tried.
    pub action: String,
    /// With which factor.
    pub factor: Option<String>,
    /// `ok` or the problem's code.
    pub result: String,
    /// The client's address.
    pub address: Option<String>,
    /// The request's id.
    pub request_id: Option<String>,
    /// The chain's hash up to here.
    pub hash: Vec<u8>,
}

/// The entries that fit, newest first.
pub async fn page(pool: &PgPool, app: Uuid, filter: &Filter<'_>) -> sqlx::Result<Vec<Row>> {
    sqlx::query_as!(
        Row,
        "select seq, at, account_id, action, factor, result, address, request_id, hash
         from audit
         where app_id = $1 and ($2::uuid is null or account_id = $2)
             and ($3::text is null or action = $3)
             and ($4::timestamptz is null or at >= $4) and ($5::timestamptz is null or at < $5)
             and ($6::bigint is null or seq < $6)
         order by seq desc limit $7",
        app,
        filter.account,
        filter.action,
        filter.from,
        filter.until,
        filter.before,
        filter.limit
    )
    .fetch_all(pool)
    .await
}

/// One entry for outsiders.
pub struct Exported {
    /// Its number.
    pub seq: i64,
    /// What is hashed after the hash of the entry before.
    pub hashed: String,
    /// The result.
    pub hash: Vec<u8>,
}

/// The entries after one, oldest first.
pub async fn export(
    pool: &PgPool,
    app: Uuid,
    after: i64,
    limit: i64,
) -> sqlx::Result<Vec<Exported>> {
    sqlx::query_as!(
        Exported,
        r#"select seq, audit_text(a) as "hashed!", hash from audit a
           where app_id = $1 and seq > $2 order by seq limit $3"#,
        app,
        after,
        limit
    )
    .fetch_all(pool)
    .await
}

/// The end of a chain.
#[derive(Default)]
pub struct Head {
    /// The number of the last entry; 0 when there is none.
    pub seq: i64,
    /// Its hash.
    pub hash: Vec<u8>,
}

/// The end of an application's chain.
pub async fn head(pool: &PgPool, app: Uuid) -> sqlx::Result<Head> {
    let head = sqlx::query_as!(
        Head,
        "select seq, hash from audit_heads where app_id = $1",
        app
    )
    .fetch_optional(pool)
    .await?;
    Ok(head.unwrap_or_default())
}

/// The hash of an entry.
pub async fn hash(pool: &PgPool, app: Uuid, seq: i64) -> sqlx::Result<Option<Vec<u8>>> {
    sqlx::query_scalar!(
        "select hash from audit where app_id = $1 and seq = $2",
        app,
        seq
    )
    .fetch_optional(pool)
    .await
}
