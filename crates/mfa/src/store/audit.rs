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
