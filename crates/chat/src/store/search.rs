//! Finding people: by the beginning of a name from ordered indexes, then by what is inside one or
//! almost so from a trigram index. No plan reads the whole table.

use std::collections::HashSet;

use protocol::rest::people::{FoundUser, Relation};
use sqlx::{PgExecutor, Result, query_file_as};
use uuid::Uuid;

use super::avatars;

/// Longer texts are looked for inside names; a shorter one is inside too many.
const INSIDE_MIN: usize = 3;
/// Below, almost everything is almost it.
const ALIKE_MIN: usize = 4;
/// Most people whose name is compared in full when so many have almost it: each costs a hundredth of
/// a millisecond, and who sees more than these types on.
const ALIKE_MAX: i64 = 200;

struct Row {
    user_id: Uuid,
    username: String,
    name: Option<String>,
    avatar: Option<String>,
    contact: bool,
    incoming: bool,
    outgoing: bool,
    blocked: bool,
}

/// People whose username or name begins with `text` (in lower case); then those who have it at the
/// start of another word or inside; then those who have almost it. Nobody who has blocked the
/// viewer.
pub async fn people(
    db: impl PgExecutor<'_> + Copy,
    viewer: Uuid,
    text: &str,
    limit: i64,
) -> Result<Vec<FoundUser>> {
    let file = query_file_as!(Row, "src/store/search_beginnings.sql", viewer, limit, text);
    let mut rows = file.fetch_all(db).await?;
    if (rows.len() as i64) < limit {
        let (word, inside) = patterns(text);
        let file = query_file_as!(
            Row,
            "src/store/search_inside.sql",
            viewer,
            limit,
            word,
            inside
        );
        add(&mut rows, file.fetch_all(db).await?);
    }
    if (rows.len() as i64) < limit && text.chars().count() >= ALIKE_MIN {
        let file = query_file_as!(
            Row,
            "src/store/search_alike.sql",
            viewer,
            limit,
            text,
            ALIKE_MAX
        );
        add(&mut rows, file.fetch_all(db).await?);
    }
    rows.truncate(limit.max(0) as usize);
    Ok(rows.into_iter().map(found).collect())
}

fn add(rows: &mut Vec<Row>, more: Vec<Row>) {
    let known: HashSet<Uuid> = rows.iter().map(|row| row.user_id).collect();
    rows.extend(more.into_iter().filter(|row| !known.contains(&row.user_id)));
}

/// The patterns of a word that begins with the text and of a text that holds it.
fn patterns(text: &str) -> (String, String) {
    let literal = text
        .replace('\\', r"\\")
        .replace('%', r"\%")
        .replace('_', r"\_");
    let word = format!("% {literal}%");
    if text.chars().count() < INSIDE_MIN {
        return (word.clone(), word);
    }
    (word, format!("%{literal}%"))
}

fn found(row: Row) -> FoundUser {
    FoundUser {
        user_id: row.user_id.into(),
        username: row.username,
        name: row.name,
        avatar: avatars::path(row.user_id, row.avatar),
        relation: if row.blocked {
            Relation::Blocked
        } else if row.contact {
            Relation::Contact
        } else if row.incoming {
            Relation::Incoming
        } else if row.outgoing {
            Relation::Outgoing
        } else {
            Relation::None
        },
    }
}

#[cfg(test)]
mod tests {
    use service::testing::TestDatabase;
    use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, query, query_scalar};

    use super::*;
    use crate::MIGRATOR;

    async fn town(database: &TestDatabase, people: i32) -> Vec<Uuid> {
        let ids = query_scalar(
            "insert into users (user_id, username, look, name, email)
             select gen_random_uuid(), 'user' || md5(n::text)::varchar(20), n::text,
               initcap(translate(md5('a' || n), '0123456789', 'aeiouaeiou')::varchar(7)) || ' '
                 || initcap(translate(md5('b' || n), '0123456789', 'lmnrstlmnr')::varchar(9)), 'x'
             from generate_series(1, $1) n returning user_id",
        )
        .bind(people)
        .fetch_all(&database.pool)
        .await
        .unwrap();
        query("vacuum analyze users")
            .execute(&database.pool)
            .await
            .unwrap();
        ids
    }

    async fn names(database: &TestDatabase, viewer: Uuid, text: &str) -> Vec<String> {
        let found = people(&database.pool, viewer, text, 20).await.unwrap();
        found.into_iter().map(|hit| hit.username).collect()
    }

    #[tokio::test]
    async fn beginnings_come_before_words_before_insides_before_what_is_almost_it() {
        let database = TestDatabase::new(&MIGRATOR).await;
        let me = Uuid::now_v7();
        for (id, username, name) in [
            (me, "anders", None),
            (Uuid::now_v7(), "kirsten", Some("Maria Andersen")),
            (Uuid::now_v7(), "zoe", Some("Andersen Zoe")),
            (Uuid::now_v7(), "anders.b", None),
            (Uuid::now_v7(), "leanders", None),
            (Uuid::now_v7(), "adnersen", None),
            (Uuid::now_v7(), "somebody", Some("Else")),
        ] {
            query("insert into users (user_id, username, look, name, email) values ($1, $2, $2, $3, 'x')")
                .bind(id)
                .bind(username)
                .bind(name)
                .execute(&database.pool)
                .await
                .unwrap();
        }
        assert_eq!(
            names(&database, me, "anders").await,
            ["anders.b", "zoe", "kirsten", "leanders"]
        );
        assert_eq!(names(&database, me, "kirstn").await, ["kirsten"], "a slip");
        assert_eq!(names(&database, me, "de").await, Vec::<String>::new());
        assert_eq!(names(&database, me, "%").await, Vec::<String>::new());
    }

    #[tokio::test]
    async fn what_many_almost_have_reads_a_part_of_them() {
        let database = TestDatabase::new(&MIGRATOR).await;
        let me = town(&database, 10_000).await[0];
        query(
            "update users set name = 'Marisson' || right(username, 2)
             where user_id <> $1 and right(look, 1) in ('1', '2', '3')",
        )
        .bind(me)
        .execute(&database.pool)
        .await
        .unwrap();
        query("vacuum analyze users")
            .execute(&database.pool)
            .await
            .unwrap();
        let mut db = database.pool.begin().await.unwrap();
        let read = "select (seq_tup_read + idx_tup_fetch)::bigint
                    from pg_stat_xact_user_tables where relname = 'users'";
        let before: i64 = query_scalar(read).fetch_one(&mut *db).await.unwrap();
        let alikes = include_str!("search_alike.sql");
        let found = query(alikes).bind(me).bind(20_i64).bind("marison");
        let found = found.bind(ALIKE_MAX).fetch_all(&mut *db).await.unwrap();
        assert_eq!(found.len(), 20);
        let after: i64 = query_scalar(read).fetch_one(&mut *db).await.unwrap();
        // Of 3,000; a page of the table more or less.
        assert!(after - before < ALIKE_MAX + 200, "{} rows", after - before);
    }

    #[tokio::test]
    async fn no_search_reads_the_whole_table() {
        let database = TestDatabase::new(&MIGRATOR).await;
        let me = town(&database, 20_000).await[0];
        let mut db = PgConnection::connect(&database.url).await.unwrap();
        for mode in ["force_custom_plan", "force_generic_plan"] {
            db.execute(AssertSqlSafe(format!("set plan_cache_mode = {mode}")))
                .await
                .unwrap();
            for text in ["us", "zz", "anna", "maria m"] {
                let (word, inside) = patterns(text);
                let beginnings = concat!("explain ", include_str!("search_beginnings.sql"));
                let insides = concat!("explain ", include_str!("search_inside.sql"));
                let alikes = concat!("explain ", include_str!("search_alike.sql"));
                let asked = |sql| query_scalar(sql).bind(me).bind(20_i64);
                let mut plan: Vec<String> = Vec::new();
                let mut queries = vec![
                    asked(beginnings).bind(text),
                    asked(insides).bind(word).bind(inside),
                ];
                if text.chars().count() >= ALIKE_MIN {
                    queries.push(asked(alikes).bind(text).bind(ALIKE_MAX));
                }
                for query in queries {
                    plan.extend(query.fetch_all(&mut db).await.unwrap());
                }
                let plan = plan.join("\n");
                assert!(
                    !plan.contains("Seq Scan on users"),
                    "{mode} {text}:\n{plan}"
                );
                for index in ["by_username", "by_name", "by_trigram"] {
                    assert!(plan.contains(index), "{mode} {text}: {index}:\n{plan}");
                }
            }
        }
    }
}
