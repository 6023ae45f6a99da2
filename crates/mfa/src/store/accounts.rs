//! Accounts: name, address, password hash, and how far the sign-up is.

use protocol::mfa::Language;
use sqlx::{PgConnection, PgExecutor};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::error::violates;

/// One account.
#[derive(Clone)]
pub struct Account {
    /// The account.
    pub id: Uuid,
    /// Its application.
    pub app_id: Uuid,
    /// The address as it was typed.
    pub email: String,
    /// The address as it is compared.
    pub email_key: String,
    /// When the address was proved.
    pub email_verified_at: Option<OffsetDateTime>,
    /// The name for signing in.
    pub username: Option<String>,
    /// How mails address the person.
    pub name: Option<String>,
    /// `en` or `fr`.
    pub language: String,
    /// PHC string.
    pub password_hash: Option<String>,
    /// Whether the account needs a factor to be complete.
    pub factor_required: bool,
    /// When it was made.
    pub created_at: OffsetDateTime,
    /// When it became complete.
    pub completed_at: Option<OffsetDateTime>,
    /// When it vanishes; unfinished accounts only.
    pub expires_at: Option<OffsetDateTime>,
}

impl Account {
    /// Whether it is unfinished and its time is over.
    pub fn is_gone(&self, now: OffsetDateTime) -> bool {
        self.expires_at.is_some_and(|end| end <= now)
    }

    /// The language of mails.
    pub fn language(&self) -> Language {
        match &*self.language {
            "fr" => Language::Fr,
            _ => Language::En,
        }
    }
}

/// A new account.
pub struct New<'a> {
    /// The account.
    pub id: Uuid,
    /// Its application.
    pub app: Uuid,
    /// The address as it was typed.
    pub email: &'a str,
    /// The address as it is compared.
    pub email_key: &'a str,
    /// The name for signing in.
    pub username: Option<&'a str>,
    /// How mails address the person.
    pub name: Option<&'a str>,
    /// The language of mails.
    pub language: Language,
    /// PHC string.
    pub password_hash: Option<&'a str>,
    /// Whether the account needs a factor to be complete.
    pub factor_required: bool,
    /// Now.
    pub now: OffsetDateTime,
    /// When it vanishes unless it is completed.
    pub expires_at: OffsetDateTime,
}

/// An account in an operator's list.
#[derive(serde::Serialize)]
pub struct Listed {
    /// The account.
    pub account_id: Uuid,
    /// The name for signing in.
    pub username: Option<String>,
    /// The address as it was typed.
    pub email: String,
    /// Whether nothing is missing.
    pub complete: bool,
    /// Active factors.
    pub factors: i64,
}

/// The value belongs to another account.
#[derive(Debug, PartialEq, Eq)]
pub struct Taken;

macro_rules! select_account {
    ($rest:literal, $($argument:expr),*) => {
        sqlx::query_as!(
            Account,
            "select id, app_id, email, email_key, email_verified_at, username, name, language,
                 password_hash, factor_required, created_at, completed_at, expires_at
             from accounts " + $rest,
            $($argument),*
        )
    };
}

/// An account of an application.
pub async fn by_id(db: impl PgExecutor<'_>, app: Uuid, id: Uuid) -> sqlx::Result<Option<Account>> {
    select_account!("where app_id = $1 and id = $2", app, id)
        .fetch_optional(db)
        .await
}

/// The same, locked until the transaction ends: steps towards completion wait for each other.
pub async fn lock(db: &mut PgConnection, app: Uuid, id: Uuid) -> sqlx::Result<Option<Account>> {
    select_account!("where app_id = $1 and id = $2 for update", app, id)
        .fetch_optional(db)
        .await
}

/// The account with this name.
pub async fn by_username(
    db: impl PgExecutor<'_>,
    app: Uuid,
    username: &str,
) -> sqlx::Result<Option<Account>> {
    select_account!("where app_id = $1 and username = $2", app, username)
        .fetch_optional(db)
        .await
}

/// The account that verified this address, or the newest sign-up with it.
pub async fn by_email(
    db: impl PgExecutor<'_>,
    app: Uuid,
    email_key: &str,
) -> sqlx::Result<Option<Account>> {
    select_account!(
        "where app_id = $1 and email_key = $2
         order by email_verified_at is null, created_at desc, id desc limit 1",
        app,
        email_key
    )
    .fetch_optional(db)
    .await
}

/// The newest sign-up with an address that is not verified yet.
pub async fn newest_unverified(
    db: impl PgExecutor<'_>,
    app: Uuid,
    email_key: &str,
) -> sqlx::Result<Option<Account>> {
    select_account!(
        "where app_id = $1 and email_key = $2 and email_verified_at is null
         order by created_at desc, id desc limit 1",
        app,
        email_key
    )
    .fetch_optional(db)
    .await
}

/// All accounts of an application, oldest first.
pub async fn list(db: &mut PgConnection, app: Uuid) -> sqlx::Result<Vec<Listed>> {
    sqlx::query_as!(
        Listed,
        r#"select id as account_id, username, email, completed_at is not null as "complete!",
               (select count(*) from factors f
                where f.account_id = a.id and f.activated_at is not null) as "factors!"
           from accounts a where app_id = $1 order by created_at, id"#,
        app
    )
    .fetch_all(db)
    .await
}

/// Makes an unfinished account. A name held by one whose time is over is free.
pub async fn insert(db: &mut PgConnection, new: &New<'_>) -> sqlx::Result<Result<(), Taken>> {
    sqlx::query!(
        "delete from accounts where app_id = $1 and username = $2 and expires_at <= $3",
        new.app,
        new.username,
        new.now
    )
    .execute(&mut *db)
    .await?;
    let inserted = sqlx::query!(
        "insert into accounts (id, app_id, email, email_key, username, name, language,
             password_hash, factor_required, created_at, expires_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        new.id,
        new.app,
        new.email,
        new.email_key,
        new.username,
        new.name,
        code(new.language),
        new.password_hash,
        new.factor_required,
        new.now,
        new.expires_at
    )
    .execute(db)
    .await;
    taken_or(inserted, "accounts_username")
}

/// Corrects the address of an account whose address is not verified.
pub async fn set_email(
    db: &mut PgConnection,
    id: Uuid,
    email: &str,
    email_key: &str,
) -> sqlx::Result<bool> {
    sqlx::query!(
        "update accounts set email = $2, email_key = $3
         where id = $1 and email_verified_at is null",
        id,
        email,
        email_key
    )
    .execute(db)
    .await
    .map(|done| done.rows_affected() == 1)
}

/// Sets how mails speak to the person.
pub async fn set_profile(
    db: &mut PgConnection,
    id: Uuid,
    name: Option<&str>,
    language: Language,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update accounts set name = $2, language = $3 where id = $1",
        id,
        name,
        code(language)
    )
    .execute(db)
    .await
    .map(drop)
}

/// Replaces a verified address by another one that was just proved; [`Taken`] when another account
/// was faster.
pub async fn replace_email(
    db: &mut PgConnection,
    id: Uuid,
    email: &str,
    email_key: &str,
    now: OffsetDateTime,
) -> sqlx::Result<Result<(), Taken>> {
    let updated = sqlx::query!(
        "update accounts set email = $2, email_key = $3, email_verified_at = $4
         where id = $1 and email_verified_at is not null",
        id,
        email,
        email_key,
        now
    )
    .execute(db)
    .await;
    taken_or(updated, "accounts_email_verified")
}

/// Removes an account and everything that belongs to it, except the audit trail.
pub async fn delete(db: &mut PgConnection, id: Uuid) -> sqlx::Result<bool> {
    sqlx::query!("delete from accounts where id = $1", id)
        .execute(db)
        .await
        .map(|done| done.rows_affected() == 1)
}

/// Marks the address as verified; [`Taken`] when another account was faster.
pub async fn verify_email(
    db: &mut PgConnection,
    id: Uuid,
    now: OffsetDateTime,
    expires_at: OffsetDateTime,
) -> sqlx::Result<Result<(), Taken>> {
    let updated = sqlx::query!(
        "update accounts set email_verified_at = $2,
             expires_at = case when expires_at is null then null else $3::timestamptz end
         where id = $1 and email_verified_at is null",
        id,
        now,
        expires_at
    )
    .execute(db)
    .await;
    taken_or(updated, "accounts_email_verified")
}

/// Completes the account if nothing is missing any more; true for the step that did it.
pub async fn complete(db: &mut PgConnection, id: Uuid, now: OffsetDateTime) -> sqlx::Result<bool> {
    sqlx::query!(
        "update accounts set completed_at = $2, expires_at = null
         where id = $1 and completed_at is null and email_verified_at is not null
             and (not factor_required or exists (
                 select from factors where account_id = $1 and activated_at is not null))",
        id,
        now
    )
    .execute(db)
    .await
    .map(|done| done.rows_affected() == 1)
}

/// Replaces the password's hash.
pub async fn set_password(db: impl PgExecutor<'_>, id: Uuid, hash: &str) -> sqlx::Result<()> {
    sqlx::query!(
        "update accounts set password_hash = $2 where id = $1",
        id,
        hash
    )
    .execute(db)
    .await
    .map(drop)
}

const fn code(language: Language) -> &'static str {
    match language {
        Language::En => "en",
        Language::Fr => "fr",
    }
}

fn taken_or<T>(done: sqlx::Result<T>, constraint: &str) -> sqlx::Result<Result<(), Taken>> {
    match done {
        Ok(_) => Ok(Ok(())),
        Err(error) if violates(&error, constraint) => Ok(Err(Taken)),
        Err(error) => Err(error),
    }
}
