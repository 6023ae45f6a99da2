//! Invitations: who may sign up where not everybody may.

use protocol::rest::admin::Invitation;
use sqlx::{PgExecutor, Result, query, query_as, query_scalar};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::token::Hash;

/// An invitation to be stored.
pub struct New<'a> {
    /// Names it.
    pub id: Uuid,
    /// What is stored of its code.
    pub code: Hash,
    /// Whom it is for, in its maker's words.
    pub note: &'a str,
    /// Who made it; `None` for an operator.
    pub by: Option<Uuid>,
    /// When it ends.
    pub expires_at: OffsetDateTime,
    /// How many people it lets in.
    pub uses: i32,
}

struct Row {
    invitation_id: Uuid,
    note: String,
    created_by: Option<Uuid>,
    created_at: OffsetDateTime,
    expires_at: OffsetDateTime,
    uses: i32,
    used: i32,
}

impl From<Row> for Invitation {
    fn from(row: Row) -> Self {
        Self {
            invitation_id: row.invitation_id,
            note: row.note,
            created_by: row.created_by.map(Into::into),
            created_at: row.created_at.into(),
            expires_at: row.expires_at.into(),
            uses: row.uses.unsigned_abs(),
            used: row.used.unsigned_abs(),
        }
    }
}

/// Stores one.
pub async fn add(db: impl PgExecutor<'_>, new: New<'_>) -> Result<Invitation> {
    let row = query_as!(
        Row,
        "insert into invitations (invitation_id, code_hash, note, created_by, expires_at, uses)
         values ($1, $2, $3, $4, $5, $6)
         returning invitation_id, note, created_by, created_at, expires_at, uses, used",
        new.id,
        &new.code.0[..],
        new.note,
        new.by,
        new.expires_at,
        new.uses
    )
    .fetch_one(db)
    .await?;
    Ok(row.into())
}

/// The newest, those that are over included.
pub async fn list(db: impl PgExecutor<'_>, limit: i64) -> Result<Vec<Invitation>> {
    let rows = query_as!(
        Row,
        "select invitation_id, note, created_by, created_at, expires_at, uses, used
         from invitations order by invitation_id desc limit $1",
        limit
    )
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// Takes one back; `false` when there is none.
pub async fn remove(db: impl PgExecutor<'_>, id: Uuid) -> Result<bool> {
    let done = query!("delete from invitations where invitation_id = $1", id)
        .execute(db)
        .await?;
    Ok(done.rows_affected() > 0)
}

/// Takes one use of the invitation with this code, if there is one left.
pub async fn take(db: impl PgExecutor<'_>, code: Hash) -> Result<Option<Uuid>> {
    query_scalar!(
        "update invitations set used = used + 1
         where code_hash = $1 and used < uses and expires_at > now() returning invitation_id",
        &code.0[..]
    )
    .fetch_optional(db)
    .await
}

/// Gives a use back: nothing came of the sign-up.
pub async fn give_back(db: impl PgExecutor<'_>, id: Uuid) -> Result<()> {
    query!(
        "update invitations set used = used - 1 where invitation_id = $1 and used > 0",
        id
    )
    .execute(db)
    .await
    .map(|_| ())
}

/// Notes whose unfinished sign-up took a use.
pub async fn took(db: impl PgExecutor<'_>, id: Uuid, user: Uuid) -> Result<()> {
    query!(
        "insert into invited (user_id, invitation_id)
         select $1, invitation_id from invitations where invitation_id = $2",
        user,
        id
    )
    .execute(db)
    .await
    .map(|_| ())
}

/// Forgets sign-ups that are complete, gives back the uses of those that ended unfinished (they
/// vanish after a day), and removes invitations a month after their end.
pub async fn sweep(db: impl PgExecutor<'_>) -> Result<()> {
    query!(
        "with complete as (
           delete from invited i where exists (select from users u where u.user_id = i.user_id)
         ), gone as (
           delete from invited i where i.at < now() - interval '25 hours'
             and not exists (select from users u where u.user_id = i.user_id)
           returning i.invitation_id
         ), counted as (
           select invitation_id, count(*)::integer as uses from gone group by invitation_id
         ), given_back as (
           update invitations x set used = greatest(x.used - c.uses, 0)
           from counted c where c.invitation_id = x.invitation_id
         )
         delete from invitations where expires_at < now() - interval '30 days'"
    )
    .execute(db)
    .await
    .map(|_| ())
}

#[cfg(test)]
mod tests {
    use service::testing::TestDatabase;

    use super::*;
    use crate::{MIGRATOR, token};

    #[tokio::test]
    async fn a_use_comes_back_when_nothing_came_of_the_sign_up() {
        let database = TestDatabase::new(&MIGRATOR).await;
        let pool = &database.pool;
        let (_, code) = token::fresh();
        let new = New {
            id: Uuid::now_v7(),
            code,
            note: "",
            by: None,
            expires_at: OffsetDateTime::now_utc() + time::Duration::HOUR,
            uses: 2,
        };
        let id = add(pool, new).await.unwrap().invitation_id;
        let (complete, unfinished) = (Uuid::now_v7(), Uuid::now_v7());
        for user in [complete, unfinished] {
            assert_eq!(take(pool, code).await.unwrap(), Some(id));
            took(pool, id, user).await.unwrap();
        }
        assert_eq!(take(pool, code).await.unwrap(), None);
        query(
            "insert into users (user_id, username, look, email) values ($1, 'ann', 'ann', 'a@b')",
        )
        .bind(complete)
        .execute(pool)
        .await
        .unwrap();
        sweep(pool).await.unwrap();
        assert_eq!(take(pool, code).await.unwrap(), None, "the other may go on");
        let later = "update invited set at = at - interval '26 hours'";
        query(later).execute(pool).await.unwrap();
        sweep(pool).await.unwrap();
        assert_eq!(list(pool, 9).await.unwrap()[0].used, 1);
        assert_eq!(take(pool, code).await.unwrap(), Some(id));
        let later = "update invitations set expires_at = now() - interval '31 days'";
        query(later).execute(pool).await.unwrap();
        sweep(pool).await.unwrap();
        assert!(list(pool, 9).await.unwrap().is_empty());
    }
}
