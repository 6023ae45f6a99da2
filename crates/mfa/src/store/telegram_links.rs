//! How Telegram factors get their chat, and which chats can be reached.

use sqlx::{PgConnection, PgExecutor};
use time::OffsetDateTime;
use uuid::Uuid;

/// Tries that the code of a chat takes, the right one included.
pub const TRIES: i16 = 10;

/// A chat that brings a token.
pub struct Bind<'a> {
    /// The token.
    pub token_hash: &'a [u8],
    /// The chat.
    pub chat_hash: &'a [u8],
    /// The code that the chat gets.
    pub code_hash: &'a [u8],
    /// Until when that is good.
    pub code_expires_at: OffsetDateTime,
}

/// The factor that a chat was bound to.
pub struct Bound {
    /// The factor.
    pub factor_id: Uuid,
    /// Its account.
    pub account_id: Uuid,
    /// Its application.
    pub app_id: Uuid,
    /// The application's name, as people know it.
    pub app_name: String,
}

/// A factor whose chat takes no messages any more.
pub struct Lost {
    /// Its account.
    pub account_id: Uuid,
    /// Its application.
    pub app_id: Uuid,
}

/// What a try of a chat's code found.
pub struct Attempt {
    /// Whether the code was the one that was sent.
    pub right: bool,
    /// Until when it is good.
    pub expires_at: OffsetDateTime,
}

/// The token of a pending factor.
pub async fn insert(db: &mut PgConnection, factor: Uuid, token_hash: &[u8]) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into telegram_links (factor_id, token_hash) values ($1, $2)",
        factor,
        token_hash
    )
    .execute(db)
    .await
    .map(drop)
}

/// Binds a chat to the pending factor of a token, once; the same chat may come again for a new
/// code. Tries stay counted.
pub async fn bind(
    db: impl PgExecutor<'_>,
    link: &Bind<'_>,
    now: OffsetDateTime,
) -> sqlx::Result<Option<Bound>> {
    sqlx::query_as!(
        Bound,
        r#"update telegram_links l
           set chat_hash = $2, code_hash = $3, code_expires_at = $4
           from factors f join accounts a on a.id = f.account_id join apps p on p.id = a.app_id
           where l.token_hash = $1 and (l.chat_hash is null or l.chat_hash = $2)
               and f.id = l.factor_id and f.activated_at is null and f.expires_at > $5
               and p.disabled_at is null
           returning l.factor_id, f.account_id, a.app_id, p.name as app_name"#,
        link.token_hash,
        link.chat_hash,
        link.code_hash,
        link.code_expires_at,
        now
    )
    .fetch_optional(db)
    .await
}

/// The token of a factor that has a chat.
pub async fn bound_token(db: impl PgExecutor<'_>, factor: Uuid) -> sqlx::Result<Option<Vec<u8>>> {
    sqlx::query_scalar!(
        "select token_hash from telegram_links where factor_id = $1 and chat_hash is not null",
        factor
    )
    .fetch_optional(db)
    .await
}

/// Counts a try of the chat's code and compares, in one statement; `None` when none was sent or
/// the tries are used up.
pub async fn attempt_code(
    db: impl PgExecutor<'_>,
    factor: Uuid,
    hash: &[u8],
) -> sqlx::Result<Option<Attempt>> {
    sqlx::query_as!(
        Attempt,
        r#"update telegram_links set code_tries = code_tries + 1
           where factor_id = $1 and code_hash is not null and code_tries < $3
           returning code_hash = $2 as "right!", code_expires_at as "expires_at!""#,
        factor,
        hash,
        TRIES
    )
    .fetch_optional(db)
    .await
}

/// The person wrote to the bot: their chat can be reached.
pub async fn reach(db: impl PgExecutor<'_>, chat_hash: &[u8]) -> sqlx::Result<()> {
    sqlx::query!(
        "update factors f set unreachable_at = null from telegram_links l
         where l.chat_hash = $1 and f.id = l.factor_id and f.unreachable_at is not null",
        chat_hash
    )
    .execute(db)
    .await
    .map(drop)
}

/// The person blocked the bot: their chat cannot be reached. Tells which factors are news.
pub async fn lose(
    db: impl PgExecutor<'_>,
    chat_hash: &[u8],
    now: OffsetDateTime,
) -> sqlx::Result<Vec<Lost>> {
    sqlx::query_as!(
        Lost,
        "update factors f set unreachable_at = $2
         from telegram_links l, accounts a
         where l.chat_hash = $1 and f.id = l.factor_id and a.id = f.account_id
             and f.unreachable_at is null
         returning f.account_id, a.app_id",
        chat_hash,
        now
    )
    .fetch_all(db)
    .await
}
