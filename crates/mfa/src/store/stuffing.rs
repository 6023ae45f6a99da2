//! Names at which wrong passwords were tried, by what the attempts have in common.

use sqlx::PgExecutor;
use time::OffsetDateTime;

/// How many names two signs were seen at since their times.
pub async fn names(
    db: impl PgExecutor<'_>,
    signs: [(&[u8], OffsetDateTime); 2],
) -> sqlx::Result<[i64; 2]> {
    let [(one, one_since), (other, other_since)] = signs;
    let row = sqlx::query!(
        r#"select
               (select count(*) from stuffing where sign = $1 and at > $2) as "one!",
               (select count(*) from stuffing where sign = $3 and at > $4) as "other!""#,
        one,
        one_since,
        other,
        other_since
    )
    .fetch_one(db)
    .await?;
    Ok([row.one, row.other])
}

/// Writes down that two signs were seen at a name.
pub async fn see(
    db: impl PgExecutor<'_>,
    signs: [&[u8]; 2],
    name: &[u8],
    now: OffsetDateTime,
) -> sqlx::Result<()> {
    let signs = signs.map(<[u8]>::to_vec);
    sqlx::query!(
        "insert into stuffing (sign, name, at) select unnest($1::bytea[]), $2, $3
         on conflict (sign, name) do update set at = $3",
        &signs,
        name,
        now
    )
    .execute(db)
    .await
    .map(drop)
}
