//! Key packages: each is handed out once, the last resort again and again.

use std::collections::BTreeMap;

use sqlx::{PgConnection, PgExecutor, Result, query, query_scalar};
use time::OffsetDateTime;
use uuid::Uuid;

/// A checked key package.
pub struct NewKeyPackage<'a> {
    /// The MLSMessage.
    pub message: &'a [u8],
    /// The number of the suite whose rooms it can be used in.
    pub suite: u16,
    /// SHA-256 of its init key.
    pub init_key_hash: [u8; 32],
    /// When its lifetime ends.
    pub not_after: OffsetDateTime,
}

/// Stores key packages of a device and returns the places of those whose init key was seen
/// before; the caller decides whether that ends the transaction.
pub async fn add(
    db: &mut PgConnection,
    device: Uuid,
    packages: &[NewKeyPackage<'_>],
) -> Result<Vec<usize>> {
    let mut seen = Vec::new();
    for (place, package) in packages.iter().enumerate() {
        if !remember(&mut *db, package).await? {
            seen.push(place);
            continue;
        }
        query!(
            "insert into key_packages (device_id, suite, message, last_resort, not_after)
             values ($1, $2, $3, false, $4)",
            device,
            i32::from(package.suite),
            package.message,
            package.not_after
        )
        .execute(&mut *db)
        .await?;
    }
    Ok(seen)
}

/// Replaces the last resort that a device has for a suite; `false` when its init key was seen before.
pub async fn set_last_resort(
    db: &mut PgConnection,
    device: Uuid,
    package: &NewKeyPackage<'_>,
) -> Result<bool> {
    if !remember(&mut *db, package).await? {
        return Ok(false);
    }
    query!(
        "insert into key_packages (device_id, suite, message, last_resort, not_after)
         values ($1, $2, $3, true, $4)
         on conflict (device_id, suite) where last_resort
         do update set message = excluded.message, not_after = excluded.not_after",
        device,
        i32::from(package.suite),
        package.message,
        package.not_after
    )
    .execute(db)
    .await?;
    Ok(true)
}

async fn remember(db: &mut PgConnection, package: &NewKeyPackage<'_>) -> Result<bool> {
    let done = query!(
        "insert into init_keys (hash) values ($1) on conflict do nothing",
        &package.init_key_hash[..]
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// How many of a suite are left for a device, without the last resort.
pub async fn count(db: impl PgExecutor<'_>, device: Uuid, suite: u16) -> Result<u32> {
    let count = query_scalar!(
        r#"select count(*) as "count!" from key_packages
           where device_id = $1 and suite = $2 and not last_resort"#,
        device,
        i32::from(suite)
    )
    .fetch_one(db)
    .await?;
    Ok(u32::try_from(count).unwrap_or(u32::MAX))
}

/// Takes one key package of a suite of each device that lives for another 60 days; the last resort where no
/// other is left, nothing where there is none either.
pub async fn claim(
    db: impl PgExecutor<'_>,
    devices: &[Uuid],
    suite: u16,
) -> Result<BTreeMap<Uuid, Vec<u8>>> {
    // Nobody waits for a package that somebody else is taking: there are others. Each row is named by
    // its key, so that a plan of an empty table reads no more than any other.
    let rows = query!(
        r#"with taken as (
             delete from key_packages k where k.key_package_id = any(array(
               select p.key_package_id
               from unnest($1::uuid[]) as t(device_id)
               cross join lateral (
                 select x.key_package_id from key_packages x
                 where x.device_id = t.device_id and x.suite = $2 and not x.last_resort
                   and x.not_after > now() + interval '60 days'
                 order by x.key_package_id for update skip locked limit 1
               ) p))
             returning k.device_id, k.message
           )
           select device_id as "device_id!", message as "message!" from taken
           union all
           select t.device_id, l.message
           from unnest($1::uuid[]) as t(device_id)
           cross join lateral (
             select x.message from key_packages x
             where x.device_id = t.device_id and x.suite = $2 and x.last_resort
               and x.not_after > now() + interval '60 days'
             limit 1
           ) l
           where not exists (select from taken k where k.device_id = t.device_id)"#,
        devices,
        i32::from(suite)
    )
    .fetch_all(db)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| (row.device_id, row.message))
        .collect())
}

/// Which of these devices have fewer than `enough` of a suite left, without the last resort, and how many.
pub async fn few(
    db: impl PgExecutor<'_>,
    devices: &[Uuid],
    suite: u16,
    enough: i64,
) -> Result<Vec<(Uuid, u32)>> {
    let rows = query!(
        r#"select t.device_id as "device_id!", k.left as "left!"
           from unnest($1::uuid[]) as t(device_id)
           cross join lateral (
             select count(*) as left from key_packages x
             where x.device_id = t.device_id and x.suite = $2 and not x.last_resort
           ) k
           where k.left < $3"#,
        devices,
        i32::from(suite),
        enough
    )
    .fetch_all(db)
    .await?;
    let number = |count: i64| u32::try_from(count).unwrap_or(u32::MAX);
    Ok(rows
        .into_iter()
        .map(|row| (row.device_id, number(row.left)))
        .collect())
}

/// Removes packages too old to be handed out.
pub async fn sweep(db: impl PgExecutor<'_>) -> Result<()> {
    query!(
        "delete from key_packages where not last_resort and not_after <= now() + interval '60 days'"
    )
    .execute(db)
    .await
    .map(|_| ())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use service::testing::TestDatabase;
    use sqlx::{Acquire, PgPool};

    use super::*;
    use crate::MIGRATOR;

    const SUITE: u16 = 3;

    /// A device with so many key packages, numbered on from 1, and perhaps a last resort.
    async fn device(pool: &PgPool, packages: i32, last_resort: bool) -> Uuid {
        let id = Uuid::now_v7();
        let name = &id.simple().to_string()[..32];
        for sql in [
            "insert into users (user_id, username, look, email) values ($1, $2, $2, 'x')",
            "insert into devices (device_id, user_id, name, credential) values ($1, $1, $2, '')",
        ] {
            query(sql).bind(id).bind(name).execute(pool).await.unwrap();
        }
        query(
            "insert into key_packages (device_id, suite, message, last_resort, not_after)
             select $1::uuid, 3, convert_to(format('%s %s', $1::uuid, n), 'utf8'), n = 0,
               now() + interval '61 days'
             from generate_series($2, $3) n",
        )
        .bind(id)
        .bind(i32::from(!last_resort))
        .bind(packages)
        .execute(pool)
        .await
        .unwrap();
        id
    }

    async fn claimed(pool: &PgPool, devices: &[Uuid]) -> Vec<String> {
        let taken = claim(pool, devices, SUITE).await.unwrap();
        let text = |message: Vec<u8>| String::from_utf8(message).unwrap();
        taken.into_values().map(text).collect()
    }

    #[tokio::test]
    async fn each_device_gives_one_and_the_last_resort_when_none_is_left() {
        let database = TestDatabase::new(&MIGRATOR).await;
        let pool = &database.pool;
        let (two, none) = (device(pool, 2, true).await, device(pool, 0, true).await);
        let nothing = device(pool, 1, false).await;
        query(
            "update key_packages set not_after = now() + interval '60 days' where device_id = $1",
        )
        .bind(nothing)
        .execute(pool)
        .await
        .unwrap();
        for number in [1, 2, 0, 0] {
            assert_eq!(
                claimed(pool, &[two, none, nothing]).await,
                [format!("{two} {number}"), format!("{none} 0")]
            );
        }
        assert!(claimed(pool, &[]).await.is_empty());
    }

    #[tokio::test]
    async fn those_who_claim_at_once_share_last_resorts_alone() {
        let database = TestDatabase::new(&MIGRATOR).await;
        let pool = &database.pool;
        let mut devices = Vec::new();
        for packages in 0..20 {
            devices.push(device(pool, packages % 4, true).await);
        }
        let (one, other) = tokio::join!(claimed(pool, &devices), claimed(pool, &devices));
        assert_eq!((one.len(), other.len()), (20, 20));
        let all = one.iter().chain(&other);
        let handed: Vec<_> = all.filter(|text| !text.ends_with(" 0")).collect();
        let once: BTreeSet<_> = handed.iter().collect();
        assert_eq!(once.len(), handed.len(), "{handed:?}");
        let left: i64 = query_scalar("select count(*) from key_packages where not last_resort")
            .fetch_one(pool)
            .await
            .unwrap();
        assert_eq!(handed.len() as i64 + left, 30);
    }

    /// Rows of key packages that this connection has read and not told the statistics yet.
    async fn read(db: &mut PgConnection) -> i64 {
        query_scalar(
            "select (seq_tup_read + idx_tup_fetch)::bigint from pg_stat_xact_user_tables
             where relname = 'key_packages'",
        )
        .fetch_one(db)
        .await
        .unwrap()
    }

    /// A plan is kept from the day when there were none, and nobody analysed the table since.
    #[tokio::test]
    async fn a_plan_of_the_first_day_reads_no_more() {
        let database = TestDatabase::new(&MIGRATOR).await;
        let pool = &database.pool;
        let mut db = pool.acquire().await.unwrap();
        query("set plan_cache_mode = force_generic_plan")
            .execute(&mut *db)
            .await
            .unwrap();
        assert!(claim(&mut *db, &[], SUITE).await.unwrap().is_empty());
        assert!(few(&mut *db, &[], SUITE, 1).await.unwrap().is_empty());
        let mut devices = Vec::new();
        for _ in 0..50 {
            devices.push(device(pool, 10, true).await);
        }
        let mut transaction = db.begin().await.unwrap();
        let before = read(&mut transaction).await;
        let taken = claim(&mut *transaction, &devices[..2], SUITE)
            .await
            .unwrap();
        assert_eq!(taken.len(), 2);
        let left = few(&mut *transaction, &devices[..2], SUITE, 10)
            .await
            .unwrap();
        assert_eq!(left.len(), 2);
        let touched = read(&mut transaction).await - before;
        // What these two have, perhaps twice and again to be counted, of 550 rows.
        assert!(touched <= 100, "{touched} rows were read");
    }

    #[tokio::test]
    async fn those_with_few_are_found() {
        let database = TestDatabase::new(&MIGRATOR).await;
        let pool = &database.pool;
        let (enough, fewer) = (device(pool, 3, true).await, device(pool, 2, true).await);
        let found = few(pool, &[enough, fewer], SUITE, 3).await.unwrap();
        assert_eq!(found, [(fewer, 2)]);
    }

    #[tokio::test]
    async fn suites_are_kept_apart() {
        let database = TestDatabase::new(&MIGRATOR).await;
        let pool = &database.pool;
        let (one, other) = (device(pool, 2, true).await, device(pool, 0, true).await);
        let mut db = pool.acquire().await.unwrap();
        for (device, name) in [(one, "single"), (one, "last"), (other, "last")] {
            let hash = Uuid::now_v7();
            let package = NewKeyPackage {
                message: name.as_bytes(),
                suite: 0x4f,
                init_key_hash: [hash.into_bytes(), [0; 16]].concat().try_into().unwrap(),
                not_after: OffsetDateTime::now_utc() + time::Duration::days(61),
            };
            if name == "last" {
                assert!(set_last_resort(&mut db, device, &package).await.unwrap());
            } else {
                let seen = add(&mut db, device, &[package]).await.unwrap();
                assert!(seen.is_empty());
            }
        }
        drop(db);
        assert_eq!(count(pool, one, SUITE).await.unwrap(), 2);
        assert_eq!(count(pool, one, 0x4f).await.unwrap(), 1);
        let low = few(pool, &[one, other], 0x4f, 1).await.unwrap();
        assert_eq!(low, [(other, 0)]);
        for expected in ["single", "last", "last"] {
            let taken = claim(pool, &[one], 0x4f).await.unwrap();
            assert_eq!(taken[&one], expected.as_bytes());
        }
        // The other suite's are all still there, its last resort included.
        for number in [1, 2, 0] {
            assert_eq!(claimed(pool, &[one]).await, [format!("{one} {number}")]);
        }
        assert!(claim(pool, &[one], 1).await.unwrap().is_empty());
    }
}
