//! Links between a new device and one in use: they live for two minutes, and a failure ends them.

use protocol::{
    limits,
    rest::links::{Link, LinkStep, WrittenStep},
};
use sqlx::{PgExecutor, PgPool, Result, query, query_scalar};
use uuid::Uuid;

use super::users;

/// Adds a link; `None` when the person has too many.
pub async fn add(pool: &PgPool, link: Uuid, user: Uuid) -> Result<Option<Link>> {
    let mut db = pool.begin().await?;
    // Those who ask at once count each other's.
    users::lock(&mut *db, user).await?;
    let row = query!(
        "insert into links (link_id, user_id, expires_at)
         select $1, $2, now() + make_interval(secs => $3::int)
         where (select count(*) from links
           where user_id = $2 and ended_at is null and expires_at > now()) < $4
         returning created_at, expires_at",
        link,
        user,
        limits::LINK_LIFE as i32,
        limits::LINKS as i64
    )
    .fetch_optional(&mut *db)
    .await?;
    db.commit().await?;
    Ok(row.map(|row| Link {
        link_id: link.into(),
        created_at: row.created_at.into(),
        expires_at: row.expires_at.into(),
        steps: Vec::new(),
    }))
}

/// The open links of a person, oldest first; of all of them one, when it is named.
pub async fn open(db: impl PgExecutor<'_>, user: Uuid, link: Option<Uuid>) -> Result<Vec<Link>> {
    let rows = query!(
        r#"select l.link_id, l.created_at, l.expires_at, s.step as "step?", s.blob as "blob?"
           from links l left join link_steps s using (link_id)
           where l.user_id = $1 and ($2::uuid is null or l.link_id = $2)
             and l.ended_at is null and l.expires_at > now()
           order by l.created_at, l.link_id, s.step"#,
        user,
        link
    )
    .fetch_all(db)
    .await?;
    let mut links: Vec<Link> = Vec::new();
    for row in rows {
        if links
            .last()
            .is_none_or(|last| last.link_id.0 != row.link_id)
        {
            links.push(Link {
                link_id: row.link_id.into(),
                created_at: row.created_at.into(),
                expires_at: row.expires_at.into(),
                steps: Vec::new(),
            });
        }
        let written = row.step.and_then(step).zip(row.blob);
        if let (Some(link), Some((step, blob))) = (links.last_mut(), written) {
            let blob = blob.into();
            link.steps.push(WrittenStep { step, blob });
        }
    }
    Ok(links)
}

/// Whether a person has or had this link.
pub async fn is_known(db: impl PgExecutor<'_>, user: Uuid, link: Uuid) -> Result<bool> {
    query_scalar!(
        r#"select exists (select from links
             where link_id = $1 and user_id = $2) as "known!""#,
        link,
        user
    )
    .fetch_one(db)
    .await
}

/// Writes a step of an open link; `false` when it or a later one was written, or there is no such
/// link.
pub async fn write(
    db: impl PgExecutor<'_>,
    user: Uuid,
    link: Uuid,
    step: LinkStep,
    blob: &[u8],
) -> Result<bool> {
    let done = query!(
        "with moved as (
           update links set written = $3::smallint
           where link_id = $1 and user_id = $2 and written < $3::smallint
             and ended_at is null and expires_at > now()
           returning link_id
         )
         insert into link_steps (link_id, step, blob)
         select link_id, $3::smallint, $4::bytea from moved",
        link,
        user,
        number(step),
        blob
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// Ends a link and drops what was written; `false` when it was over or there is no such link.
pub async fn end(pool: &PgPool, user: Uuid, link: Uuid) -> Result<bool> {
    let mut db = pool.begin().await?;
    let ended = query!(
        "update links set ended_at = now()
         where link_id = $1 and user_id = $2 and ended_at is null and expires_at > now()",
        link,
        user
    )
    .execute(&mut *db)
    .await?;
    if ended.rows_affected() == 0 {
        return Ok(false);
    }
    // A statement of its own: it sees the step that the one before may have waited for.
    query!("delete from link_steps where link_id = $1", link)
        .execute(&mut *db)
        .await?;
    db.commit().await?;
    Ok(true)
}

/// Removes links that have run out, with what was written.
pub async fn sweep(db: impl PgExecutor<'_>) -> Result<()> {
    query!("delete from links where expires_at <= now()")
        .execute(db)
        .await
        .map(|_| ())
}

const STEPS: [LinkStep; 4] = [
    LinkStep::Commit,
    LinkStep::Answer,
    LinkStep::Reveal,
    LinkStep::Approval,
];

/// As the tables count them, from 1.
const fn number(step: LinkStep) -> i16 {
    step as i16 + 1
}

fn step(number: i16) -> Option<LinkStep> {
    STEPS.into_iter().find(|step| self::number(*step) == number)
}

#[cfg(test)]
mod tests {
    use service::testing::TestDatabase;
    use sqlx::PgPool;

    use super::*;
    use crate::MIGRATOR;

    async fn person(pool: &PgPool, name: &str) -> Uuid {
        let user = Uuid::now_v7();
        query("insert into users (user_id, username, look, email) values ($1, $2, $2, 'x')")
            .bind(user)
            .bind(name)
            .execute(pool)
            .await
            .unwrap();
        user
    }

    async fn linked(pool: &PgPool, user: Uuid) -> Uuid {
        let link = Uuid::now_v7();
        add(pool, link, user).await.unwrap().unwrap();
        link
    }

    /// How many links there are, and how many steps.
    async fn rows(pool: &PgPool) -> (i64, i64) {
        sqlx::query_as("select (select count(*) from links), (select count(*) from link_steps)")
            .fetch_one(pool)
            .await
            .unwrap()
    }

    #[test]
    fn steps_are_numbered_in_their_order() {
        for (place, one) in STEPS.into_iter().enumerate() {
            assert_eq!(usize::try_from(number(one)).unwrap(), place + 1);
            assert_eq!(step(number(one)), Some(one));
        }
        assert_eq!((step(0), step(5)), (None, None));
    }

    #[tokio::test]
    async fn of_two_who_write_a_step_at_once_one_does() {
        let database = TestDatabase::new(&MIGRATOR).await;
        let pool = &database.pool;
        let user = person(pool, "ann").await;
        let link = linked(pool, user).await;
        for one in STEPS {
            let (here, there) = tokio::join!(
                write(pool, user, link, one, b"here"),
                write(pool, user, link, one, b"there")
            );
            assert!(here.unwrap() ^ there.unwrap());
        }
        let steps = open(pool, user, Some(link)).await.unwrap().remove(0).steps;
        assert!(steps.iter().map(|written| written.step).eq(STEPS));
    }

    #[tokio::test]
    async fn of_many_who_make_a_link_at_once_three_do() {
        let database = TestDatabase::new(&MIGRATOR).await;
        let pool = &database.pool;
        let user = person(pool, "ann").await;
        let one = || add(pool, Uuid::now_v7(), user);
        let made = tokio::join!(one(), one(), one(), one(), one(), one());
        let made = [made.0, made.1, made.2, made.3, made.4, made.5];
        let made = made.into_iter().filter_map(|link| link.unwrap());
        assert_eq!(made.count(), limits::LINKS);
    }

    #[tokio::test]
    async fn what_is_written_while_a_link_ends_does_not_stay() {
        let database = TestDatabase::new(&MIGRATOR).await;
        let pool = &database.pool;
        let user = person(pool, "ann").await;
        for _ in 0..20 {
            let link = linked(pool, user).await;
            let (written, ended) = tokio::join!(
                write(pool, user, link, LinkStep::Approval, b"sealed"),
                end(pool, user, link)
            );
            written.unwrap();
            assert!(ended.unwrap());
            assert_eq!(rows(pool).await.1, 0);
        }
    }

    #[tokio::test]
    async fn a_link_ends_with_all_that_was_written() {
        let database = TestDatabase::new(&MIGRATOR).await;
        let pool = &database.pool;
        let (ann, bo) = (person(pool, "ann").await, person(pool, "ben").await);
        let (ended, over) = (linked(pool, ann).await, linked(pool, ann).await);
        for link in [ended, over] {
            assert!(
                write(pool, ann, link, LinkStep::Answer, b"x")
                    .await
                    .unwrap()
            );
            assert!(!write(pool, bo, link, LinkStep::Reveal, b"x").await.unwrap());
            assert!(!end(pool, bo, link).await.unwrap());
        }
        assert_eq!(open(pool, ann, None).await.unwrap().len(), 2);
        assert!(open(pool, bo, None).await.unwrap().is_empty());

        assert!(end(pool, ann, ended).await.unwrap());
        assert!(!end(pool, ann, ended).await.unwrap());
        query("update links set expires_at = now() where link_id = $1")
            .bind(over)
            .execute(pool)
            .await
            .unwrap();
        for link in [ended, over] {
            let written = write(pool, ann, link, LinkStep::Approval, b"x").await;
            assert!(!written.unwrap());
            assert!(is_known(pool, ann, link).await.unwrap());
            assert!(!is_known(pool, bo, link).await.unwrap());
        }
        assert!(open(pool, ann, None).await.unwrap().is_empty());

        assert_eq!(rows(pool).await, (2, 1));
        sweep(pool).await.unwrap();
        assert_eq!(rows(pool).await, (1, 0));
    }
}
