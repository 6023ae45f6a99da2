//! The log's promises, asked of the database itself.

use std::collections::BTreeSet;

use serde_json::json;
use sqlx::{PgPool, Row};
use uuid::Uuid;

use crate::support::Server;

/// A room in the database, without a server's part in it.
pub struct Room {
    pub id: Uuid,
    pub users: [Uuid; 2],
    pub devices: [Uuid; 2],
}

/// Two people with a device each in a direct room at epoch 1, their logs behind place 1.
pub async fn room(pool: &PgPool) -> Room {
    let mut users = [Uuid::now_v7(), Uuid::now_v7()];
    users.sort_unstable();
    let room = Room {
        id: Uuid::now_v7(),
        users,
        devices: [Uuid::now_v7(), Uuid::now_v7()],
    };
    for (user, device) in room.users.iter().zip(room.devices) {
        let name = format!("u{}", &user.simple().to_string()[20..]);
        sqlx::query("insert into users (user_id, username, look, email) values ($1, $2, $2, 'x')")
            .bind(user)
            .bind(name)
            .execute(pool)
            .await
            .unwrap();
        sqlx::query(
            "insert into devices (device_id, user_id, name, credential) values ($1, $2, '', '')",
        )
        .bind(device)
        .bind(user)
        .execute(pool)
        .await
        .unwrap();
    }
    sqlx::query(
        "insert into rooms (room_id, kind, epoch, seq, creator_device, direct_a, direct_b)
         values ($1, 'direct', 1, 1, $2, $3, $4)",
    )
    .bind(room.id)
    .bind(room.devices[0])
    .bind(room.users[0])
    .bind(room.users[1])
    .execute(pool)
    .await
    .unwrap();
    for (user, device) in room.users.iter().zip(room.devices) {
        sqlx::query(
            "insert into members (room_id, device_id, user_id, joined_seq, acked_seq)
             values ($1, $2, $3, 1, 1)",
        )
        .bind(room.id)
        .bind(device)
        .bind(user)
        .execute(pool)
        .await
        .unwrap();
        sqlx::query("insert into room_users (room_id, user_id) values ($1, $2)")
            .bind(room.id)
            .bind(user)
            .execute(pool)
            .await
            .unwrap();
    }
    room
}

/// What became of a message.
#[derive(Debug, PartialEq)]
pub struct Answer {
    code: i16,
    seq: Option<i64>,
    fresh: bool,
}

/// It is there.
pub fn stored(seq: i64, fresh: bool) -> Answer {
    Answer {
        code: 0,
        seq: Some(seq),
        fresh,
    }
}

fn refused(code: i16) -> Answer {
    Answer {
        code,
        seq: None,
        fresh: false,
    }
}

/// Appends messages by the first device: (room, client id, epoch, peer).
pub async fn append(
    pool: &PgPool,
    room: &Room,
    messages: &[(Uuid, Uuid, i64, Option<Uuid>)],
) -> Vec<Answer> {
    let count = messages.len();
    sqlx::query(
        "select code, seq, fresh from append_messages($1, $2, $3, $4, $5, $6, $7) order by ord",
    )
    .bind(messages.iter().map(|one| one.0).collect::<Vec<_>>())
    .bind(vec![room.users[0]; count])
    .bind(vec![room.devices[0]; count])
    .bind(messages.iter().map(|one| one.3).collect::<Vec<_>>())
    .bind(messages.iter().map(|one| one.1).collect::<Vec<_>>())
    .bind(messages.iter().map(|one| one.2).collect::<Vec<_>>())
    .bind(vec![vec![1_u8, 2, 3]; count])
    .fetch_all(pool)
    .await
    .unwrap()
    .iter()
    .map(|row| Answer {
        code: row.get(0),
        seq: row.get(1),
        fresh: row.get(2),
    })
    .collect()
}

/// The places that still have a body.
pub async fn bodies(pool: &PgPool, room: &Room) -> Vec<i64> {
    sqlx::query_scalar(
        "select seq from messages where room_id = $1 and body is not null order by seq",
    )
    .bind(room.id)
    .fetch_all(pool)
    .await
    .unwrap()
}

#[tokio::test]
async fn each_message_of_a_batch_is_judged_on_its_own() {
    let server = Server::start().await;
    let pool = server.pool();
    let (one, other) = (room(pool).await, room(pool).await);
    let (a, b, c) = (Uuid::now_v7(), Uuid::now_v7(), Uuid::now_v7());
    let peer = Some(one.users[1]);
    let answers = append(
        pool,
        &one,
        &[
            (one.id, a, 1, None),
            (one.id, b, 2, None),
            (other.id, a, 1, None),
            (Uuid::now_v7(), a, 1, None),
            (one.id, a, 1, None),
            (one.id, c, 1, peer),
            (one.id, b, 1, Some(one.users[0])),
            (one.id, b, 1, Some(other.users[1])),
        ],
    )
    .await;
    assert_eq!(
        answers,
        [
            stored(2, true),
            refused(3),
            refused(1),
            refused(1),
            stored(2, false),
            stored(3, true),
            refused(4),
            refused(4),
        ]
    );
    // A repeat finds its first result whatever has changed since.
    sqlx::query("update rooms set closed_at = now(), epoch = 9")
        .execute(pool)
        .await
        .unwrap();
    let answers = append(pool, &one, &[(one.id, a, 1, None), (one.id, b, 9, None)]).await;
    assert_eq!(answers, [stored(2, false), refused(2)]);
    // One that has to be removed is refused at once.
    sqlx::query("update rooms set closed_at = null")
        .execute(pool)
        .await
        .unwrap();
    sqlx::query("update members set removal_due = true")
        .execute(pool)
        .await
        .unwrap();
    assert_eq!(
        append(pool, &one, &[(one.id, b, 9, None)]).await,
        [refused(1)]
    );
}

#[tokio::test]
async fn parallel_writers_leave_no_gap_and_no_deadlock() {
    let server = Server::start().await;
    let pool = server.pool();
    let rooms: [Room; 3] = [room(pool).await, room(pool).await, room(pool).await];
    let writers: Vec<_> = (0..6)
        .map(|writer| {
            let pool = pool.clone();
            let mut ids: Vec<_> = rooms
                .iter()
                .map(|room| (room.id, room.users[0], room.devices[0]))
                .collect();
            ids.rotate_left(writer % 3);
            tokio::spawn(async move {
                for _ in 0..20 {
                    let columns = |place: usize| -> Vec<Uuid> {
                        ids.iter().map(|id| [id.0, id.1, id.2][place]).collect()
                    };
                    let clients: Vec<_> = ids.iter().map(|_| Uuid::now_v7()).collect();
                    let stored: i64 = sqlx::query_scalar(
                        "select count(*) from append_messages(
                           $1, $2, $3, array_fill(null::uuid, array[3]), $4, '{1,1,1}', $5)
                         where code = 0 and fresh",
                    )
                    .bind(columns(0))
                    .bind(columns(1))
                    .bind(columns(2))
                    .bind(clients)
                    .bind(vec![vec![1_u8]; 3])
                    .fetch_one(&pool)
                    .await
                    .unwrap();
                    assert_eq!(stored, 3);
                }
            })
        })
        .collect();
    for writer in writers {
        writer.await.unwrap();
    }
    for room in &rooms {
        let seqs: BTreeSet<i64> = bodies(pool, room).await.into_iter().collect();
        assert_eq!(seqs, (2..=121).collect::<BTreeSet<_>>());
        let head: i64 = sqlx::query_scalar("select seq from rooms where room_id = $1")
            .bind(room.id)
            .fetch_one(pool)
            .await
            .unwrap();
        assert_eq!(head, 121);
    }
}

#[tokio::test]
async fn the_database_takes_one_commit_an_epoch() {
    let server = Server::start().await;
    let pool = server.pool();
    let room = room(pool).await;
    let commit = |seq: i64| {
        let insert = "insert into messages (room_id, seq, epoch, kind, sender_user, sender_device, client_id)
                      values ($1, $2, 1, 'commit', $3, $4, $5)";
        sqlx::query(insert)
            .bind(room.id)
            .bind(seq)
            .bind(room.users[0])
            .bind(room.devices[0])
            .bind(Uuid::now_v7())
            .execute(pool)
    };
    let (one, other) = tokio::join!(commit(2), commit(3));
    let fault = [one, other].into_iter().find_map(Result::err).unwrap();
    let fault = fault.into_database_error().unwrap();
    assert_eq!(fault.constraint(), Some("one_commit_an_epoch"));
}

#[tokio::test]
async fn cursors_do_not_wait_for_the_disk_and_messages_do() {
    let server = Server::start().await;
    let pool = server.pool();
    for (call, waits) in [
        (
            "select append_messages('{}', '{}', '{}', '{}', '{}', '{}', '{}')",
            "on",
        ),
        ("select move_cursors('{}', '{}', '{}')", "off"),
    ] {
        let mut transaction = pool.begin().await.unwrap();
        sqlx::query("set local synchronous_commit = on")
            .execute(&mut *transaction)
            .await
            .unwrap();
        sqlx::query(call).execute(&mut *transaction).await.unwrap();
        let setting: String = sqlx::query_scalar("show synchronous_commit")
            .fetch_one(&mut *transaction)
            .await
            .unwrap();
        assert_eq!(setting, waits, "{call}");
    }
}

#[tokio::test]
async fn two_open_rooms_of_a_pair_cannot_stand() {
    let server = Server::start().await;
    let pool = server.pool();
    let room = room(pool).await;
    let second = "insert into rooms (room_id, kind, epoch, seq, creator_device, direct_a, direct_b)
                  select $1, kind, 1, 1, creator_device, direct_a, direct_b from rooms";
    let fault = sqlx::query(second)
        .bind(Uuid::now_v7())
        .execute(pool)
        .await
        .unwrap_err();
    let fault = fault.into_database_error().unwrap();
    assert_eq!(
        fault.constraint(),
        Some("one_open_direct_room_a_pair"),
        "{}",
        json!(room.id)
    );
}
