//! What the log costs: the rows that are touched stay the same however many there are.
//! `cargo run --release -p chat --example log_cost` asks the same of ten million.

use service::testing::TestDatabase;
use sqlx::{Acquire, PgConnection, PgPool, query, query_scalar};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use super::{marks, members, messages};
use crate::MIGRATOR;

/// Rooms; the first one holds as much as all others.
const ROOMS: i64 = 20;
/// The newest places of each room, whose bodies are still there.
const WAITING: i64 = 100;

/// A room with a device that is ten places behind; all else was had by everybody.
struct World {
    database: TestDatabase,
    rooms: Vec<Uuid>,
    device: Uuid,
    /// The highest place of each room.
    head: i64,
}

impl World {
    async fn new() -> Self {
        let database = TestDatabase::new(&MIGRATOR).await;
        let mut world = Self {
            rooms: (0..ROOMS).map(|_| Uuid::now_v7()).collect(),
            database,
            device: Uuid::now_v7(),
            head: 0,
        };
        let pool = world.pool();
        query("insert into users (user_id, username, look, email) values ($1, 'ann', 'ann', 'x')")
            .bind(world.device)
            .execute(pool)
            .await
            .unwrap();
        query("insert into devices (device_id, user_id, name, credential) values ($1, $1, '', '')")
            .bind(world.device)
            .execute(pool)
            .await
            .unwrap();
        for room in &world.rooms {
            query(
                "insert into rooms (room_id, kind, epoch, seq, creator_device)
                 values ($1, 'group', 1, 0, $1)",
            )
            .bind(room)
            .execute(pool)
            .await
            .unwrap();
            query(
                "insert into members (room_id, device_id, user_id, joined_seq, acked_seq)
                 values ($1, $2, $2, 0, 0)",
            )
            .bind(room)
            .bind(world.device)
            .execute(pool)
            .await
            .unwrap();
            query("insert into room_users (room_id, user_id) values ($1, $2)")
                .bind(room)
                .bind(world.device)
                .execute(pool)
                .await
                .unwrap();
        }
        world.grow(500).await;
        world
    }

    fn pool(&self) -> &PgPool {
        &self.database.pool
    }

    /// Makes every room so long: a minute between two messages, and what was had is gone.
    async fn grow(&mut self, head: i64) {
        query(
            "insert into messages
               (room_id, seq, epoch, kind, sender_user, sender_device, client_id, sent_at, body)
             select r.room_id, n, 1, 'application', r.room_id, r.room_id, gen_random_uuid(),
               now() - make_interval(mins => ($2 - n)::int), 'x'
             from rooms r, generate_series($1 + 1, $2) n",
        )
        .bind(self.head)
        .bind(head)
        .execute(self.pool())
        .await
        .unwrap();
        query("update messages set body = null where seq <= $1 and body is not null")
            .bind(head - WAITING)
            .execute(self.pool())
            .await
            .unwrap();
        query("update members set acked_seq = $1")
            .bind(head - WAITING)
            .execute(self.pool())
            .await
            .unwrap();
        query("update rooms set seq = $1")
            .bind(head)
            .execute(self.pool())
            .await
            .unwrap();
        query("vacuum analyze").execute(self.pool()).await.unwrap();
        self.head = head;
    }

    /// A message in each room, and everybody has it.
    async fn everybody_writes(&self, db: &mut PgConnection, seq: i64) {
        let (count, device) = (self.rooms.len(), self.device);
        let batch = messages::Batch {
            rooms: self.rooms.clone(),
            users: vec![device; count],
            devices: vec![device; count],
            peers: vec![None; count],
            clients: (0..count).map(|_| Uuid::now_v7()).collect(),
            epochs: vec![1; count],
            bodies: vec![b"x"; count],
        };
        let stored = messages::append(&mut *db, &batch).await.unwrap();
        assert!(stored.iter().all(|answer| answer.fresh));
        let (devices, seqs) = (vec![device; count], vec![seq; count]);
        let moved = marks::advance(db, &self.rooms, &devices, &seqs).await;
        assert!(moved.unwrap().iter().all(|cursor| cursor.code == 0));
    }

    /// Rows of the log that some work reads, by index or not.
    async fn touched(&self, work: impl AsyncFnOnce(&mut PgConnection)) -> i64 {
        let mut transaction = self.pool().begin().await.unwrap();
        let before = read(&mut transaction).await;
        work(&mut transaction).await;
        read(&mut transaction).await - before
    }

    /// The cost of everything that happens all the time, by name.
    async fn costs(&self) -> Vec<(&'static str, i64)> {
        let (room, device) = (self.rooms[0], self.device);
        let append = async |db: &mut PgConnection| {
            let batch = messages::Batch {
                rooms: vec![room],
                users: vec![device],
                devices: vec![device],
                peers: vec![None],
                clients: vec![Uuid::now_v7()],
                epochs: vec![1],
                bodies: vec![b"x"],
            };
            let answers = messages::append(db, &batch).await.unwrap();
            assert!(answers[0].fresh);
        };
        let catch_up = async |db: &mut PgConnection| {
            let after = vec![self.head - 10; self.rooms.len()];
            let until = vec![self.head; self.rooms.len()];
            let rows = messages::page(db, &self.rooms, &after, &until, 51).await;
            assert_eq!(rows.unwrap().len(), 51);
        };
        let history = async |db: &mut PgConnection| {
            let member = members::find(&mut *db, room, device)
                .await
                .unwrap()
                .unwrap();
            assert_eq!(member.kept, self.head - WAITING);
            let before = self.head - WAITING + 5;
            let rows = messages::before(db, room, member.kept + 1, before, 51).await;
            assert_eq!(rows.unwrap().len(), 4);
        };
        let acknowledge = async |db: &mut PgConnection| {
            let seqs = [self.head - WAITING + 3];
            let moved = marks::advance(db, &[room], &[device], &seqs).await;
            assert_eq!(moved.unwrap()[0].code, 0);
        };
        let oldest: OffsetDateTime = query_scalar("select min(sent_at) from messages")
            .fetch_one(self.pool())
            .await
            .unwrap();
        let prune = async |db: &mut PgConnection| {
            let before = oldest + Duration::minutes(3);
            let gone = messages::sweep(db, before, 1_000).await.unwrap();
            assert!((1..=100).contains(&gone), "{gone}");
        };
        let prune_nothing = async |db: &mut PgConnection| {
            assert_eq!(messages::sweep(db, oldest, 1_000).await.unwrap(), 0);
        };
        vec![
            ("append", self.touched(append).await),
            ("catch up", self.touched(catch_up).await),
            ("history", self.touched(history).await),
            ("acknowledge", self.touched(acknowledge).await),
            ("prune", self.touched(prune).await),
            ("prune nothing", self.touched(prune_nothing).await),
        ]
    }
}

/// A plan is kept from the day when the log was empty, and nobody analysed it since.
#[tokio::test]
async fn a_plan_of_the_first_day_reads_no_more() {
    let world = World::new().await;
    for sql in [
        "truncate messages",
        "analyze messages",
        "update rooms set seq = 0",
        "update members set acked_seq = 0",
    ] {
        query(sql).execute(world.pool()).await.unwrap();
    }
    let mut db = world.pool().acquire().await.unwrap();
    for seq in 1..=100 {
        world.everybody_writes(&mut db, seq).await;
    }
    let mut transaction = db.begin().await.unwrap();
    let before = read(&mut transaction).await;
    world.everybody_writes(&mut transaction, 101).await;
    let touched = read(&mut transaction).await - before;
    // A message and a body to free in each room, of two thousand in the log.
    assert!(touched < 10 * ROOMS, "{touched} rows of the log were read");
}

/// A device that comes back asks for its rooms, and whether somebody has to be removed from them.
#[tokio::test]
async fn who_comes_back_reads_no_other_members() {
    let world = World::new().await;
    for sql in [
        "insert into devices (device_id, user_id, name, credential)
         select gen_random_uuid(), user_id, '', '' from users, generate_series(1, 1000)",
        "insert into members (room_id, device_id, user_id, joined_seq, acked_seq)
         select room_id, device_id, user_id, 0, 500 from rooms, devices
         on conflict do nothing",
        "vacuum analyze members",
    ] {
        query(sql).execute(world.pool()).await.unwrap();
    }
    let mut transaction = world.pool().begin().await.unwrap();
    let before = read_of(&mut transaction, "members").await;
    let rooms = members::of_device(&mut *transaction, world.device).await;
    assert_eq!(rooms.unwrap().len() as i64, ROOMS);
    let due = members::rooms_with_removals(&mut *transaction, world.device).await;
    assert!(due.unwrap().is_empty());
    let touched = read_of(&mut transaction, "members").await - before;
    // The device's own row twice, and who is furthest behind.
    assert!(touched <= 3 * ROOMS, "{touched} members were read");
}

/// Rows of the log that this connection has read and not told the statistics yet.
async fn read(db: &mut PgConnection) -> i64 {
    read_of(db, "messages").await
}

/// The same of a table.
async fn read_of(db: &mut PgConnection, table: &str) -> i64 {
    query_scalar(
        "select (seq_tup_read + idx_tup_fetch)::bigint from pg_stat_xact_user_tables
         where relname = $1",
    )
    .bind(table)
    .fetch_one(db)
    .await
    .unwrap()
}

#[tokio::test]
async fn ten_times_the_rows_cost_the_same() {
    let mut world = World::new().await;
    let small = world.costs().await;
    world.grow(5_000).await;
    let large = world.costs().await;
    for ((what, before), (_, after)) in small.into_iter().zip(large) {
        assert!(before < 300, "{what} touches {before} rows");
        // A page of an index more or less, never the log.
        assert!(
            after <= before + 100,
            "{what} touched {before} rows, then {after}"
        );
    }
}
