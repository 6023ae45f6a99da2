//! Measures what the log costs at different sizes, on a database of its own:
//! `cargo run --release -p chat --example log_cost -- postgres://…/log_cost 10000 10000000`.
//!
//! Each line of the table is a median over 200 runs, and the rows of `messages` that one run reads.

use std::time::Instant;

use anyhow::{Context, bail};
use sqlx::{Connection, PgConnection, query, query_scalar};
use uuid::Uuid;

/// Rooms that share all rows.
const ROOMS: i64 = 100;
/// The newest places of each room, whose bodies are still there.
const WAITING: i64 = 100;
/// Runs of each measurement.
const RUNS: usize = 200;
/// Rows added by one statement.
const CHUNK: i64 = 5_000;

const PAGE: &str = include_str!("../src/store/messages_page.sql");
const BEFORE: &str = include_str!("../src/store/messages_before.sql");
const SWEEP: &str = include_str!("../src/store/messages_sweep.sql");

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let url = arguments
        .next()
        .context("give the URL of an empty database")?;
    let mut db = PgConnection::connect(&url).await?;
    chat::MIGRATOR.run(&mut db).await?;
    if query_scalar::<_, bool>("select exists (select from users)")
        .fetch_one(&mut db)
        .await?
    {
        bail!("this database is in use");
    }
    let world = World::new(&mut db).await?;
    println!("| rows | what | ms | rows read |\n|---|---|---|---|");
    let mut head = 0;
    for rows in arguments {
        let wanted = rows.parse::<i64>()? / ROOMS;
        world.grow(&mut db, head, wanted).await?;
        head = wanted;
        world.measure(&mut db, head).await?;
    }
    Ok(())
}

struct World {
    rooms: Vec<Uuid>,
    device: Uuid,
}

impl World {
    async fn new(db: &mut PgConnection) -> anyhow::Result<Self> {
        let world = Self {
            rooms: (0..ROOMS).map(|_| Uuid::now_v7()).collect(),
            device: Uuid::now_v7(),
        };
        for sql in [
            "insert into users (user_id, username, look, email) values ($1, 'ann', 'ann', 'x')",
            "insert into devices (device_id, user_id, name, credential) values ($1, $1, '', '')",
        ] {
            query(sql).bind(world.device).execute(&mut *db).await?;
        }
        query(
            "insert into rooms (room_id, kind, epoch, seq, creator_device)
             select r, 'group', 1, 0, r from unnest($1) r",
        )
        .bind(&world.rooms)
        .execute(&mut *db)
        .await?;
        for sql in [
            "insert into members (room_id, device_id, user_id, joined_seq, acked_seq)
             select r, $2, $2, 0, 0 from unnest($1) r",
            "insert into room_users (room_id, user_id) select r, $2 from unnest($1) r",
        ] {
            let insert = query(sql).bind(&world.rooms).bind(world.device);
            insert.execute(&mut *db).await?;
        }
        Ok(world)
    }

    /// Adds messages to every room until it is so long; only the newest keep their bodies.
    async fn grow(&self, db: &mut PgConnection, from: i64, to: i64) -> anyhow::Result<()> {
        let mut at = from;
        while at < to {
            let until = (at + CHUNK).min(to);
            query(
                "insert into messages (room_id, seq, epoch, kind, sender_user, sender_device,
                   client_id, sent_at, body)
                 select r, n, 1, 'application', r, r, gen_random_uuid(),
                   now() - make_interval(secs => ($3 - n)::float / 10),
                   case when n > $3 - $4 then repeat('x', 344)::bytea end
                 from generate_series($1 + 1, $2) n, unnest($5::uuid[]) r",
            )
            .bind(at)
            .bind(until)
            .bind(to)
            .bind(WAITING)
            .bind(&self.rooms)
            .execute(&mut *db)
            .await?;
            at = until;
        }
        for sql in [
            "update messages set body = null where seq <= $1 - 100 and body is not null",
            "update members set acked_seq = $1 - 100",
            "update rooms set seq = $1",
        ] {
            query(sql).bind(to).execute(&mut *db).await?;
        }
        query("vacuum analyze").execute(&mut *db).await?;
        Ok(())
    }

    async fn measure(&self, db: &mut PgConnection, head: i64) -> anyhow::Result<()> {
        let device = [self.device];
        let rows = head * ROOMS;
        let mut rooms = self.rooms.iter().cycle();
        let mut table = Vec::new();
        for what in [
            "append",
            "catch up",
            "history",
            "acknowledge",
            "prune nothing",
        ] {
            let (mut times, mut read) = (Vec::new(), 0);
            for _ in 0..RUNS {
                let room = [*rooms.next().context("no rooms")?];
                let mut transaction = db.begin().await?;
                let before = rows_read(&mut transaction).await?;
                let started = Instant::now();
                let work = match what {
                    "append" => query("select * from append_messages($1, $2, $2, $3, $4, $5, $6)")
                        .bind(room)
                        .bind(device)
                        .bind([None::<Uuid>])
                        .bind([Uuid::now_v7()])
                        .bind([1_i64])
                        .bind([vec![7_u8; 344]]),
                    "catch up" => query(PAGE)
                        .bind(&self.rooms)
                        .bind(vec![head - 10; self.rooms.len()])
                        .bind(vec![head; self.rooms.len()])
                        .bind(51_i64),
                    "history" => query(BEFORE)
                        .bind(room[0])
                        .bind(head - WAITING + 1)
                        .bind(head)
                        .bind(51_i64),
                    "acknowledge" => query("select * from move_cursors($1, $2, $3)")
                        .bind(room)
                        .bind(device)
                        .bind([head - WAITING + 3]),
                    _ => query(SWEEP)
                        .bind(time::OffsetDateTime::UNIX_EPOCH)
                        .bind(5_000_i64),
                };
                work.fetch_all(&mut *transaction).await?;
                times.push(started.elapsed());
                read = rows_read(&mut transaction).await? - before;
                // Every run finds the same.
                transaction.rollback().await?;
            }
            times.sort_unstable();
            let median = times[times.len() / 2].as_secs_f64() * 1e3;
            table.push(format!("| {rows} | {what} | {median:.2} | {read} |"));
        }
        println!("{}", table.join("\n"));
        Ok(())
    }
}

/// Rows of the log that this connection has read and not told the statistics yet.
async fn rows_read(db: &mut PgConnection) -> sqlx::Result<i64> {
    query_scalar(
        "select (seq_tup_read + idx_tup_fetch)::bigint
         from pg_stat_xact_user_tables where relname = 'messages'",
    )
    .fetch_one(db)
    .await
}
