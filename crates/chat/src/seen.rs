//! When people, devices and sessions were last seen. Whoever notes it does not wait, and many share
//! a transaction: when a network comes back, thousands go and come within a second.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use sqlx::PgPool;
use time::OffsetDateTime;
use tokio::{
    sync::Notify,
    time::{Instant, sleep_until},
};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::{error::Masked, store::seen};

/// From one transaction to the next. The first after a pause does not wait.
const PACE: Duration = Duration::from_millis(200);
/// Pause before what the database did not take is tried again.
const RETRY: Duration = Duration::from_secs(1);
/// How long the last of it may take at the end.
const DEADLINE: Duration = Duration::from_secs(2);

/// Where it is noted. Cheap to clone.
#[derive(Clone, Default)]
pub struct Seen(Arc<Shared>);

#[derive(Default)]
struct Shared {
    waiting: Mutex<seen::Moments>,
    some: Notify,
}

impl Seen {
    /// A person's last socket has gone.
    pub fn person(&self, user: Uuid) {
        self.note(|waiting| waiting.users.insert(user, OffsetDateTime::now_utc()));
    }

    /// A device's socket has gone.
    pub fn device(&self, device: Uuid) {
        self.note(|waiting| waiting.devices.insert(device, OffsetDateTime::now_utc()));
    }

    /// A session is used, from this address.
    pub fn session(&self, session: Uuid, address: String) {
        let moment = (OffsetDateTime::now_utc(), address);
        self.note(|waiting| waiting.sessions.insert(session, moment));
    }

    /// Writes what is noted until `stop`, then what is left.
    pub async fn run(self, pool: PgPool, stop: CancellationToken) {
        while !stop.is_cancelled() {
            let noted = self.0.some.notified();
            if stop.run_until_cancelled(noted).await.is_none() {
                break;
            }
            let begun = Instant::now();
            let pause = match self.write(&pool).await {
                Ok(()) => PACE,
                Err(error) => {
                    tracing::warn!(error = %Masked(&error), "when people were last seen could not be written");
                    self.0.some.notify_one();
                    RETRY
                }
            };
            let _ = stop.run_until_cancelled(sleep_until(begun + pause)).await;
        }
        let last = tokio::time::timeout(DEADLINE, self.write(&pool)).await;
        if !matches!(last, Ok(Ok(()))) {
            tracing::warn!("when people were last seen could not be written at the end");
        }
    }

    async fn write(&self, pool: &PgPool) -> sqlx::Result<()> {
        let moments = std::mem::take(&mut *self.waiting());
        let result = seen::write(pool, &moments).await;
        if result.is_err() {
            let mut waiting = self.waiting();
            let newer = std::mem::replace(&mut *waiting, moments);
            waiting.extend(newer);
        }
        result
    }

    fn note<T>(&self, note: impl FnOnce(&mut seen::Moments) -> T) {
        note(&mut self.waiting());
        self.0.some.notify_one();
    }

    fn waiting(&self) -> MutexGuard<'_, seen::Moments> {
        self.0
            .waiting
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl seen::Moments {
    fn extend(&mut self, newer: Self) {
        fn into<T>(known: &mut HashMap<Uuid, T>, newer: HashMap<Uuid, T>) {
            known.extend(newer);
        }
        into(&mut self.users, newer.users);
        into(&mut self.devices, newer.devices);
        into(&mut self.sessions, newer.sessions);
    }
}

#[cfg(test)]
mod tests {
    use service::testing::TestDatabase;
    use sqlx::{query, query_as};

    use super::*;
    use crate::MIGRATOR;

    type Row = (
        Option<OffsetDateTime>,
        Option<OffsetDateTime>,
        OffsetDateTime,
        String,
    );

    async fn row(pool: &PgPool) -> Row {
        let sql = "select u.last_seen, d.last_seen, s.last_used_at, s.address
             from users u join devices d using (user_id) join sessions s using (user_id)";
        query_as(sql).fetch_one(pool).await.unwrap()
    }

    #[tokio::test]
    async fn moments_wait_for_the_database_and_never_go_back() {
        let database = TestDatabase::new(&MIGRATOR).await;
        let pool = &database.pool;
        let (user, device, session) = (Uuid::now_v7(), Uuid::now_v7(), Uuid::now_v7());
        for sql in [
            "insert into users (user_id, username, look, email) values ($1, 'ana', 'ana', 'x')",
            "insert into devices (device_id, user_id, name, credential) values ($2, $1, '', '')",
            "insert into sessions (session_id, user_id, token_hash, expires_at, idle_seconds,
               address, last_used_at)
             values ($3, $1, '', now(), 1, 'there', now() - interval '1 day')",
        ] {
            let sql = sql.replace("$1", &format!("'{user}'"));
            let sql = sql.replace("$2", &format!("'{device}'"));
            let sql = sql.replace("$3", &format!("'{session}'"));
            query(sqlx::AssertSqlSafe(sql)).execute(pool).await.unwrap();
        }
        let before = OffsetDateTime::now_utc() - time::Duration::milliseconds(1);
        let seen = Seen::default();
        seen.person(user);
        seen.device(device);
        seen.session(session, "here".to_owned());
        seen.person(Uuid::now_v7());

        let closed = PgPool::connect_lazy(&database.url).unwrap();
        closed.close().await;
        seen.write(&closed).await.unwrap_err();
        assert_eq!(row(pool).await.0, None);
        // What is left at the end is written.
        let stop = CancellationToken::new();
        stop.cancel();
        seen.clone().run(pool.clone(), stop).await;
        let written = row(pool).await;
        assert!(written.0.unwrap() > before && written.1.unwrap() > before);
        assert!(written.2 > before && written.3 == "here");

        let older = before - time::Duration::days(1);
        seen.note(|waiting| waiting.users.insert(user, older));
        seen.write(pool).await.unwrap();
        assert_eq!(row(pool).await.0, written.0);
        query("update users set last_seen = null, deactivated_at = now()")
            .execute(pool)
            .await
            .unwrap();
        seen.person(user);
        seen.write(pool).await.unwrap();
        assert_eq!(row(pool).await.0, None, "who is gone leaves no trace");
    }
}
