//! Key packages: each is handed out once, the last resort again and again.

use sqlx::{PgConnection, PgExecutor, Result, query, query_scalar};
use time::OffsetDateTime;
use uuid::Uuid;

/// A checked key package.
pub struct NewKeyPackage<'a> {
    /// The MLSMessage.
    pub message: &'a [u8],
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
            "insert into key_packages (device_id, message, last_resort, not_after)
             values ($1, $2, false, $3)",
            device,
            package.message,
            package.not_after
        )
        .execute(&mut *db)
        .await?;
    }
    Ok(seen)
}

/// Replaces the last resort of a device; `false` when its init key was seen before.
pub async fn set_last_resort(
    db: &mut PgConnection,
    device: Uuid,
    package: &NewKeyPackage<'_>,
) -> Result<bool> {
    if !remember(&mut *db, package).await? {
        return Ok(false);
    }
    query!(
        "insert into key_packages (device_id, message, last_resort, not_after)
         values ($1, $2, true, $3)
         on conflict (device_id) where last_resort
         do update set message = excluded.message, not_after = excluded.not_after",
        device,
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

/// How many are left for a device, without the last resort.
pub async fn count(db: impl PgExecutor<'_>, device: Uuid) -> Result<u32> {
    let count = query_scalar!(
        r#"select count(*) as "count!" from key_packages where device_id = $1 and not last_resort"#,
        device
    )
    .fetch_one(db)
    .await?;
    Ok(u32::try_from(count).unwrap_or(u32::MAX))
}

/// Takes one key package of a device that lives for another 60 days; the last resort when no
/// other is left.
pub async fn claim(db: impl PgExecutor<'_> + Copy, device: Uuid) -> Result<Option<Vec<u8>>> {
    let one = query_scalar!(
        "delete from key_packages where key_package_id = (
           select key_package_id from key_packages
           where device_id = $1 and not last_resort and not_after > now() + interval '60 days'
           order by key_package_id for update skip locked limit 1)
         returning message",
        device
    )
    .fetch_optional(db)
    .await?;
    if one.is_some() {
        return Ok(one);
    }
    query_scalar!(
        "select message from key_packages
         where device_id = $1 and last_resort and not_after > now() + interval '60 days'",
        device
    )
    .fetch_optional(db)
    .await
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
