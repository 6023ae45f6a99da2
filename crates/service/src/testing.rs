//! A migrated PostgreSQL database for each test, copied from a template in some 30 ms.

use std::{env, sync::mpsc, thread, time::Duration};

use sqlx::{
    AssertSqlSafe, Connection, PgConnection, PgPool,
    migrate::Migrator,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use uuid::Uuid;

/// A database of one test's own. It is dropped with this value.
#[derive(Debug)]
pub struct TestDatabase {
    /// Connections to it, as the cluster's superuser.
    pub pool: PgPool,
    /// Its URL, for a server under test.
    pub url: String,
    name: String,
}

impl TestDatabase {
    /// Creates a database with all migrations applied, in the cluster of `TEST_DATABASE_URL`.
    ///
    /// # Panics
    /// Without the variable or the cluster: a test cannot go on.
    #[expect(clippy::panic, reason = "for tests only")]
    pub async fn new(migrator: &Migrator) -> Self {
        match Self::create(migrator).await {
            Ok(database) => database,
            Err(error) => panic!("no test database: {error:#}"),
        }
    }

    async fn create(migrator: &Migrator) -> anyhow::Result<Self> {
        let mut admin = PgConnection::connect(&cluster()?).await?;
        let template = template(&mut admin, migrator).await?;
        let name = format!("test_{}", Uuid::now_v7().simple());
        copy(&mut admin, &name, &template).await?;
        admin.close().await?;
        let url = with_database(&cluster()?, &name);
        let options: PgConnectOptions = url.parse()?;
        let pool = PgPoolOptions::new()
            .max_connections(8)
            .acquire_timeout(Duration::from_secs(20))
            .connect_with(options)
            .await?;
        Ok(Self { pool, url, name })
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let name = std::mem::take(&mut self.name);
        let (done, finished) = mpsc::channel();
        // The test's runtime may be on its way out: a thread with one of its own.
        thread::spawn(move || {
            let Ok(url) = cluster() else { return };
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build();
            let Ok(runtime) = runtime else { return };
            runtime.block_on(async {
                if let Ok(mut admin) = PgConnection::connect(&url).await {
                    let sql = format!("drop database if exists {name} with (force)");
                    let _ = sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut admin).await;
                }
            });
            let _ = done.send(());
        });
        // Not for ever: the test's own runtime stands still here, and if one of its connections is
        // half open, PostgreSQL waits for that before it drops anything, a whole minute. Once this
        // process is gone the server finishes alone.
        let _ = finished.recv_timeout(Duration::from_secs(2));
    }
}

/// Waits until somebody waits for a lock in this database.
///
/// # Panics
/// When the database does not answer.
#[expect(clippy::unwrap_used, reason = "for tests only")]
pub async fn somebody_waits(pool: &PgPool) {
    let waits = "select exists (select from pg_stat_activity
                 where datname = current_database() and wait_event_type = 'Lock')";
    while !sqlx::query_scalar::<_, bool>(waits)
        .fetch_one(pool)
        .await
        .unwrap()
    {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

fn cluster() -> anyhow::Result<String> {
    env::var("TEST_DATABASE_URL").map_err(|_| {
        anyhow::anyhow!(
            "TEST_DATABASE_URL is not set; run `cargo xtask test rust`, which starts a cluster"
        )
    })
}

/// The name of the migrated template; made once per set of migrations.
async fn template(admin: &mut PgConnection, migrator: &Migrator) -> anyhow::Result<String> {
    let name = format!("template_{:016x}", fingerprint(migrator));
    let exists = "select exists (select from pg_database where datname = $1)";
    if sqlx::query_scalar::<_, bool>(exists)
        .bind(&name)
        .fetch_one(&mut *admin)
        .await?
    {
        return Ok(name);
    }
    sqlx::query("select pg_advisory_lock(hashtext($1))")
        .bind(&name)
        .execute(&mut *admin)
        .await?;
    if !sqlx::query_scalar::<_, bool>(exists)
        .bind(&name)
        .fetch_one(&mut *admin)
        .await?
    {
        // Under another name until it is complete: a killed run leaves no half template.
        let draft = format!("draft_{}", Uuid::now_v7().simple());
        run(
            admin,
            format!("create database {draft} template template0 encoding 'UTF8'"),
        )
        .await?;
        let mut connection = PgConnection::connect(&with_database(&cluster()?, &draft)).await?;
        migrator.run(&mut connection).await?;
        connection.close().await?;
        run(admin, format!("alter database {draft} rename to {name}")).await?;
    }
    sqlx::query("select pg_advisory_unlock(hashtext($1))")
        .bind(&name)
        .execute(admin)
        .await?;
    Ok(name)
}

async fn copy(admin: &mut PgConnection, name: &str, template: &str) -> anyhow::Result<()> {
    let sql = format!("create database {name} template {template}");
    let mut left = 20;
    loop {
        match run(admin, sql.clone()).await {
            // Autovacuum may sit in the template for a moment.
            Err(sqlx::Error::Database(error))
                if left > 0 && error.code().as_deref() == Some("55006") =>
            {
                left -= 1;
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
            done => return Ok(done?),
        }
    }
}

async fn run(connection: &mut PgConnection, sql: String) -> Result<(), sqlx::Error> {
    sqlx::raw_sql(AssertSqlSafe(sql))
        .execute(connection)
        .await
        .map(|_| ())
}

/// Changes with every migration's text (FNV-1a over the checksums).
fn fingerprint(migrator: &Migrator) -> u64 {
    migrator
        .iter()
        .flat_map(|migration| migration.checksum.iter())
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
            (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
        })
}

/// The URL with another database: `postgres://user@host:port/NAME?parameters`.
fn with_database(url: &str, name: &str) -> String {
    let (base, parameters) = match url.split_once('?') {
        Some((base, parameters)) => (base, format!("?{parameters}")),
        None => (url, String::new()),
    };
    let authority = base.find("://").map_or(0, |at| at + 3);
    let end = base[authority..]
        .find('/')
        .map_or(base.len(), |at| authority + at);
    format!("{}/{name}{parameters}", &base[..end])
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use sqlx::{
        SqlSafeStr,
        migrate::{Migration, MigrationType},
    };

    use super::*;

    fn migrator() -> Migrator {
        let sql = AssertSqlSafe("create table marbles (marble int primary key)".to_owned());
        let kind = MigrationType::Simple;
        let migration =
            Migration::new(1, Cow::Borrowed("marbles"), kind, sql.into_sql_str(), false);
        Migrator::with_migrations(vec![migration])
    }

    #[tokio::test]
    async fn each_test_has_a_migrated_database_of_its_own() {
        let migrator = migrator();
        let (one, two) = tokio::join!(TestDatabase::new(&migrator), TestDatabase::new(&migrator));
        sqlx::query("insert into marbles values (7)")
            .execute(&one.pool)
            .await
            .unwrap();
        let count = "select count(*) from marbles";
        let count: i64 = sqlx::query_scalar(count)
            .fetch_one(&two.pool)
            .await
            .unwrap();
        assert_eq!(count, 0);

        let name = one.name.clone();
        drop(one);
        let exists = "select exists (select from pg_database where datname = $1)";
        let exists: bool = sqlx::query_scalar(exists)
            .bind(name)
            .fetch_one(&two.pool)
            .await
            .unwrap();
        assert!(!exists);
    }

    #[test]
    fn the_database_in_a_url_is_replaced() {
        for (url, expected) in [
            (
                "postgres://snug@127.0.0.1:55432/postgres",
                "postgres://snug@127.0.0.1:55432/x",
            ),
            ("postgres://snug@localhost", "postgres://snug@localhost/x"),
            (
                "postgres://snug@/p?host=/tmp/a",
                "postgres://snug@/x?host=/tmp/a",
            ),
        ] {
            assert_eq!(with_database(url, "x"), expected);
        }
    }
}
