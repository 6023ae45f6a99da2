//! Tokens that stand for unfinished accounts.

use sqlx::{PgExecutor, Result, query, query_scalar};
use uuid::Uuid;

use crate::token::Hash;

/// Stores a token for an unfinished account, good for one hour.
pub async fn add(db: impl PgExecutor<'_>, token: Hash, user: Uuid) -> Result<()> {
    query!(
        "insert into enrolments (token_hash, user_id, expires_at)
         values ($1, $2, now() + interval '1 hour')",
        &token.0[..],
        user
    )
    .execute(db)
    .await
    .map(|_| ())
}

/// The account that a token stands for; the token is good for another hour.
pub async fn renew(db: impl PgExecutor<'_>, token: Hash) -> Result<Option<Uuid>> {
    query_scalar!(
        "update enrolments set expires_at = now() + interval '1 hour'
         where token_hash = $1 and expires_at > now() returning user_id",
        &token.0[..]
    )
    .fetch_optional(db)
    .await
}

/// The account is complete: its tokens end.
pub async fn remove_of(db: impl PgExecutor<'_>, user: Uuid) -> Result<()> {
    query!("delete from enrolments where user_id = $1", user)
        .execute(db)
        .await
        .map(|_| ())
}

/// Removes tokens that are over.
pub async fn sweep(db: impl PgExecutor<'_>) -> Result<()> {
    query!("delete from enrolments where expires_at <= now()")
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
    async fn a_token_lives_an_hour_after_its_last_use() {
        let database = TestDatabase::new(&MIGRATOR).await;
        let pool = &database.pool;
        let (user, (_, hash)) = (Uuid::now_v7(), token::fresh());
        add(pool, hash, user).await.unwrap();
        let later = "update enrolments set expires_at = expires_at - interval '59 minutes'";
        query(later).execute(pool).await.unwrap();
        assert_eq!(renew(pool, hash).await.unwrap(), Some(user));
        query(later).execute(pool).await.unwrap();
        assert_eq!(renew(pool, hash).await.unwrap(), Some(user));
        for _ in 0..2 {
            query(later).execute(pool).await.unwrap();
        }
        assert_eq!(renew(pool, hash).await.unwrap(), None);
        sweep(pool).await.unwrap();
        let left: i64 = query_scalar("select count(*) from enrolments")
            .fetch_one(pool)
            .await
            .unwrap();
        assert_eq!(left, 0);
    }
}
