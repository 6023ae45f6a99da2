//! The trail of what matters for security.

use protocol::rest::admin::AuditEntry;
use sqlx::{PgExecutor, Result, query};
use time::OffsetDateTime;
use uuid::Uuid;

/// Something to be noted.
#[derive(Clone, Debug)]
pub struct Entry {
    /// What, in kebab-case.
    pub action: &'static str,
    /// Who did it.
    pub actor: Option<Uuid>,
    /// Whom it concerns.
    pub subject: Option<Uuid>,
    /// `ok`, or the code of the refusal.
    pub outcome: &'static str,
    /// The request.
    pub request_id: Option<String>,
    /// Where it came from.
    pub address: Option<String>,
}

/// Notes entries, in order.
pub async fn add(db: impl PgExecutor<'_>, entries: &[Entry]) -> Result<()> {
    let actions: Vec<&str> = entries.iter().map(|one| one.action).collect();
    let actors: Vec<_> = entries.iter().map(|one| one.actor).collect();
    let subjects: Vec<_> = entries.iter().map(|one| one.subject).collect();
    let outcomes: Vec<&str> = entries.iter().map(|one| one.outcome).collect();
    let requests: Vec<_> = entries.iter().map(|one| one.request_id.clone()).collect();
    let addresses: Vec<_> = entries.iter().map(|one| one.address.clone()).collect();
    query!(
        "insert into audit (action, actor, subject, outcome, request_id, address)
         select * from unnest($1::text[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::text[])",
        &actions as &[&str],
        &actors as &[Option<Uuid>],
        &subjects as &[Option<Uuid>],
        &outcomes as &[&str],
        &requests as &[Option<String>],
        &addresses as &[Option<String>]
    )
    .execute(db)
    .await
    .map(|_| ())
}

/// Which entries are asked for.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Whom they concern.
    pub subject: Option<Uuid>,
    /// What.
    pub action: Option<String>,
    /// Only what lies before this entry.
    pub before: Option<i64>,
    /// At most so many.
    pub limit: i64,
}

/// Entries, the newest first.
pub async fn list(db: impl PgExecutor<'_>, filter: &Filter) -> Result<Vec<AuditEntry>> {
    let rows = query!(
        r#"select audit_id, at, action, actor, a.username as "actor_username?", subject,
             s.username as "subject_username?", outcome, request_id, address
           from audit left join users a on a.user_id = actor
             left join users s on s.user_id = subject
           where ($1::uuid is null or subject = $1) and ($2::text is null or action = $2)
             and ($3::bigint is null or audit_id < $3)
           order by audit_id desc limit $4"#,
        filter.subject,
        filter.action,
        filter.before,
        filter.limit
    )
    .fetch_all(db)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| AuditEntry {
            audit_id: row.audit_id.max(0) as u64,
            at: row.at.into(),
            action: row.action,
            actor: row.actor.map(Into::into),
            actor_username: row.actor_username,
            subject: row.subject.map(Into::into),
            subject_username: row.subject_username,
            outcome: row.outcome,
            request_id: row.request_id,
            address: row.address,
        })
        .collect())
}

/// Removes entries from before.
pub async fn sweep(db: impl PgExecutor<'_>, before: OffsetDateTime) -> Result<()> {
    query!("delete from audit where at < $1", before)
        .execute(db)
        .await
        .map(|_| ())
}
