//! Sessions: found by the hash of their token, ended by age, idleness or hand.

use protocol::rest::account;
use sqlx::{PgExecutor, Result, query, query_as, query_scalar};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::token::Hash;

/// A session that is not over.
#[derive(Clone, Debug)]
pub struct Session {
    /// Names it.
    pub session_id: Uuid,
    /// Whose it is.
    pub user_id: Uuid,
    /// The device that was proved or registered in it.
    pub device_id: Option<Uuid>,
    /// When the person last gave a second factor.
    pub factor_at: Option<OffsetDateTime>,
}

/// A session to be opened.
pub struct NewSession<'a> {
    /// Names it.
    pub session_id: Uuid,
    /// Whose it is.
    pub user_id: Uuid,
    /// Of its token.
    pub token: Hash,
    /// Seconds that it lives at most.
    pub life: i32,
    /// Seconds that it lives without being used.
    pub idle: i32,
    /// When the person gave a second factor for it.
    pub factor_at: Option<OffsetDateTime>,
    /// The browser or program, as it names itself.
    pub user_agent: Option<&'a str>,
    /// Where it was opened from.
    pub address: Option<&'a str>,
}

/// Opens a session.
pub async fn add(db: impl PgExecutor<'_>, new: NewSession<'_>) -> Result<()> {
    query!(
        "insert into sessions
           (session_id, user_id, token_hash, expires_at, idle_seconds, factor_at, user_agent, address)
         values ($1, $2, $3, now() + make_interval(secs => $4::int), $5, $6, $7, $8)",
        new.session_id,
        new.user_id,
        &new.token.0[..],
        new.life,
        new.idle,
        new.factor_at,
        new.user_agent,
        new.address
    )
    .execute(db)
    .await
    .map(|_| ())
}

/// What a token leads to.
#[derive(Clone, Debug)]
pub enum Found {
    /// An open session.
    Open {
        /// It.
        session: Session,
        /// Its use was last noted more than a minute ago.
        stale: bool,
    },
    /// A session that was ended, or is over by age or idleness.
    Over,
    /// Nothing.
    Unknown,
}

/// Looks a token up.
pub async fn find(db: impl PgExecutor<'_>, token: Hash) -> Result<Found> {
    let row = query!(
        r#"select s.session_id, s.user_id, s.device_id, s.factor_at,
             s.ended_at is null and s.expires_at > now() and u.deactivated_at is null
               and s.last_used_at + make_interval(secs => s.idle_seconds) > now() as "open!",
             s.last_used_at < now() - interval '1 minute' as "stale!"
           from sessions s join users u using (user_id)
           where s.token_hash = $1"#,
        &token.0[..]
    )
    .fetch_optional(db)
    .await?;
    let Some(row) = row else {
        return Ok(Found::Unknown);
    };
    if !row.open {
        return Ok(Found::Over);
    }
    Ok(Found::Open {
        session: Session {
            session_id: row.session_id,
            user_id: row.user_id,
            device_id: row.device_id,
            factor_at: row.factor_at,
        },
        stale: row.stale,
    })
}

/// The MFA service's word for the second factor that was given in a session after this moment.
pub async fn assertion(
    db: impl PgExecutor<'_>,
    session: Uuid,
    after: OffsetDateTime,
) -> Result<Option<String>> {
    let assertion = query_scalar!(
        "select assertion from sessions where session_id = $1 and factor_at > $2",
        session,
        after
    )
    .fetch_optional(db)
    .await?;
    Ok(assertion.flatten())
}

/// Notes that these sessions are in use by open sockets; returns those that are over.
pub async fn touch(db: impl PgExecutor<'_> + Copy, sessions: &[Uuid]) -> Result<Vec<Uuid>> {
    query!(
        "update sessions set last_used_at = now()
         where session_id = any($1) and expires_at > now()
           and last_used_at < now() - interval '1 minute'",
        sessions
    )
    .execute(db)
    .await?;
    query_scalar!(
        r#"select t.id as "id!" from unnest($1::uuid[]) as t(id)
           where not exists (select from sessions s
             where s.session_id = t.id and s.ended_at is null and s.expires_at > now())"#,
        sessions
    )
    .fetch_all(db)
    .await
}

/// Notes that the person gave a second factor, and the MFA service's word for it.
pub async fn gave_factor(
    db: impl PgExecutor<'_>,
    session: Uuid,
    at: OffsetDateTime,
    assertion: &str,
) -> Result<()> {
    query!(
        "update sessions set factor_at = $2, assertion = $3 where session_id = $1",
        session,
        at,
        assertion
    )
    .execute(db)
    .await
    .map(|_| ())
}

/// Binds a session to the device that was proved or registered in it.
pub async fn bind(db: impl PgExecutor<'_>, session: Uuid, device: Uuid) -> Result<()> {
    query!(
        "update sessions set device_id = $2 where session_id = $1 and device_id is distinct from $2",
        session,
        device
    )
    .execute(db)
    .await
    .map(|_| ())
}

/// Ends one session of a person; tells whether there was one.
pub async fn remove(db: impl PgExecutor<'_>, user: Uuid, session: Uuid) -> Result<bool> {
    let done = query!(
        "update sessions set ended_at = now()
         where session_id = $1 and user_id = $2 and ended_at is null",
        session,
        user
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// Ends all sessions of a person; returns the ended.
pub async fn remove_all(db: impl PgExecutor<'_>, user: Uuid) -> Result<Vec<Uuid>> {
    query_scalar!(
        "update sessions set ended_at = now()
         where user_id = $1 and ended_at is null returning session_id",
        user
    )
    .fetch_all(db)
    .await
}

/// Ends all sessions of a person but one; returns the ended.
pub async fn remove_others(db: impl PgExecutor<'_>, user: Uuid, keep: Uuid) -> Result<Vec<Uuid>> {
    query_scalar!(
        "update sessions set ended_at = now()
         where user_id = $1 and session_id <> $2 and ended_at is null returning session_id",
        user,
        keep
    )
    .fetch_all(db)
    .await
}

/// Ends the sessions that a device was proved in, but one; returns the ended.
pub async fn remove_of_device(
    db: impl PgExecutor<'_>,
    device: Uuid,
    keep: Uuid,
) -> Result<Vec<Uuid>> {
    query_scalar!(
        "update sessions set ended_at = now()
         where device_id = $1 and session_id <> $2 and ended_at is null returning session_id",
        device,
        keep
    )
    .fetch_all(db)
    .await
}

/// All open sessions of a person, newest first.
pub async fn list(
    db: impl PgExecutor<'_>,
    user: Uuid,
    current: Uuid,
) -> Result<Vec<account::Session>> {
    struct Row {
        session_id: Uuid,
        created_at: OffsetDateTime,
        last_used_at: OffsetDateTime,
        expires_at: OffsetDateTime,
        user_agent: Option<String>,
        address: Option<String>,
        device_id: Option<Uuid>,
    }
    let rows = query_as!(
        Row,
        "select session_id, created_at, last_used_at, expires_at, user_agent, address, device_id
         from sessions where user_id = $1 and ended_at is null and expires_at > now()
           and last_used_at + make_interval(secs => idle_seconds) > now()
         order by created_at desc",
        user
    )
    .fetch_all(db)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| account::Session {
            session_id: row.session_id,
            created_at: row.created_at.into(),
            last_used_at: row.last_used_at.into(),
            expires_at: row.expires_at.into(),
            user_agent: row.user_agent,
            address: row.address,
            device_id: row.device_id.map(Into::into),
            current: row.session_id == current,
        })
        .collect())
}

/// Removes sessions that have been over for a week.
pub async fn sweep(db: impl PgExecutor<'_>) -> Result<()> {
    query!(
        "delete from sessions
         where least(ended_at, expires_at, last_used_at + make_interval(secs => idle_seconds))
           < now() - interval '7 days'"
    )
    .execute(db)
    .await
    .map(|_| ())
}

#[cfg(test)]
mod tests {
    use service::testing::TestDatabase;

    use super::*;
    use crate::{MIGRATOR, store::users, token};

    async fn open(pool: &sqlx::PgPool) -> (Uuid, Hash) {
        let (user, session_id) = (Uuid::now_v7(), Uuid::now_v7());
        let username = &user.simple().to_string()[..32];
        let new = users::NewUser {
            user_id: user,
            username,
            look: username,
            name: None,
            email: "a@example.org",
        };
        users::add(pool, new).await.unwrap();
        let (_, hash) = token::fresh();
        let new = NewSession {
            session_id,
            user_id: user,
            token: hash,
            life: 100,
            idle: 50,
            factor_at: None,
            user_agent: None,
            address: None,
        };
        add(pool, new).await.unwrap();
        (session_id, hash)
    }

    #[tokio::test]
    async fn open_sockets_keep_a_session_in_use_until_its_end() {
        let database = TestDatabase::new(&MIGRATOR).await;
        let pool = &database.pool;
        let (session, hash) = open(pool).await;
        let age = "update sessions set last_used_at = last_used_at - interval '90 seconds'";
        query(age).execute(pool).await.unwrap();
        assert!(matches!(find(pool, hash).await.unwrap(), Found::Over));
        assert!(touch(pool, &[session]).await.unwrap().is_empty());
        assert!(matches!(
            find(pool, hash).await.unwrap(),
            Found::Open { stale: false, .. }
        ));
        query("update sessions set expires_at = now()")
            .execute(pool)
            .await
            .unwrap();
        assert_eq!(touch(pool, &[session]).await.unwrap(), [session]);
    }

    #[tokio::test]
    async fn an_ended_session_is_known_for_a_week() {
        let database = TestDatabase::new(&MIGRATOR).await;
        let pool = &database.pool;
        let (session, hash) = open(pool).await;
        query("update sessions set ended_at = now() - interval '6 days'")
            .execute(pool)
            .await
            .unwrap();
        sweep(pool).await.unwrap();
        assert!(matches!(find(pool, hash).await.unwrap(), Found::Over));
        assert_eq!(touch(pool, &[session]).await.unwrap(), [session]);
        query("update sessions set ended_at = now() - interval '8 days'")
            .execute(pool)
            .await
            .unwrap();
        sweep(pool).await.unwrap();
        assert!(matches!(find(pool, hash).await.unwrap(), Found::Unknown));
    }
}
