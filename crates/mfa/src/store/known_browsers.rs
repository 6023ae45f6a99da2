//! Browsers from which somebody signed in to an account.

use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

/// Remembers a browser. True when it is new and others are known.
pub async fn meet(
    db: &mut PgConnection,
    account: Uuid,
    browser: &[u8],
    now: OffsetDateTime,
) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"with others as (
               select exists (select from known_browsers where account_id = $1) as found)
           insert into known_browsers as k (account_id, browser, first_at, last_at)
           values ($1, $2, $3, $3)
           on conflict (account_id, browser) do update set last_at = $3
           returning k.first_at = $3 and (select found from others) as "new!""#,
        account,
        browser,
        now
    )
    .fetch_one(db)
    .await
}
