//! What cursors do to the log, asked of the database itself.

use reqwest::Method;
use serde_json::{Value, json};
use service::testing::somebody_waits;
use sqlx::{PgExecutor, PgPool, Row};
use uuid::Uuid;

use crate::{
    log::{Room, append, bodies, room, stored},
    support::{Member, Server, group_of},
};

async fn advance(db: impl PgExecutor<'_>, room: &Room, device: usize, seq: i64) -> (i16, bool) {
    let row = sqlx::query("select code, low is not null from move_cursors($1, $2, $3)")
        .bind(vec![room.id])
        .bind(vec![room.devices[device]])
        .bind(vec![seq])
        .fetch_one(db)
        .await
        .unwrap();
    (row.get(0), row.get(1))
}

#[tokio::test]
async fn what_every_entitled_device_has_is_dropped_and_no_more() {
    let server = Server::start().await;
    let pool = server.pool();
    let room = room(pool).await;
    let clients: Vec<Uuid> = (0..6).map(|_| Uuid::now_v7()).collect();
    let messages: Vec<_> = clients
        .iter()
        .map(|client| (room.id, *client, 1, None))
        .collect();
    append(pool, &room, &messages).await;
    assert_eq!(advance(pool, &room, 0, 5).await, (0, true));
    assert_eq!(
        advance(pool, &room, 0, 4).await,
        (0, false),
        "lower is ignored"
    );
    assert_eq!(
        advance(pool, &room, 0, 8).await,
        (2, false),
        "ahead of the room"
    );
    assert_eq!(bodies(pool, &room).await, [2, 3, 4, 5, 6, 7]);
    assert_eq!(advance(pool, &room, 1, 3).await, (0, true));
    assert_eq!(bodies(pool, &room).await, [4, 5, 6, 7]);
    // The row stays for repeats.
    assert_eq!(
        append(pool, &room, &messages[..1]).await,
        [stored(2, false)]
    );

    // The second device is removed by what has place 6: it is owed 4 to 6, not 7.
    sqlx::query("update members set left_seq = 6 where device_id = $1")
        .bind(room.devices[1])
        .execute(pool)
        .await
        .unwrap();
    assert_eq!(advance(pool, &room, 0, 7).await, (0, true));
    assert_eq!(bodies(pool, &room).await, [4, 5, 6]);
    assert_eq!(
        advance(pool, &room, 1, 7).await,
        (0, true),
        "its cursor stops where it left"
    );
    assert_eq!(bodies(pool, &room).await, Vec::<i64>::new());
    let acked: i64 = sqlx::query_scalar("select acked_seq from members where device_id = $1")
        .bind(room.devices[1])
        .fetch_one(pool)
        .await
        .unwrap();
    assert_eq!(acked, 6);
}

#[tokio::test]
async fn a_cursor_tells_from_where_its_person_came_further() {
    let server = Server::start().await;
    let pool = server.pool();
    let room = room(pool).await;
    let clients: Vec<_> = (0..3).map(|_| Uuid::now_v7()).collect();
    let messages: Vec<_> = clients.iter().map(|id| (room.id, *id, 1, None)).collect();
    append(pool, &room, &messages).await;
    let low = async |device: usize, seq: i64| -> Option<i64> {
        sqlx::query_scalar("select low from move_cursors($1, $2, $3)")
            .bind(vec![room.id])
            .bind(vec![room.devices[device]])
            .bind(vec![seq])
            .fetch_one(pool)
            .await
            .unwrap()
    };
    assert_eq!(low(1, 2).await, Some(1));
    assert_eq!(low(1, 2).await, None, "no further");
    assert_eq!(low(1, 4).await, Some(2));
    // What was said before a device joined is not what it got.
    sqlx::query("update members set joined_seq = 3, acked_seq = 3 where device_id = $1")
        .bind(room.devices[0])
        .execute(pool)
        .await
        .unwrap();
    assert_eq!(low(0, 4).await, Some(3));
}

/// Three messages behind the place where both are.
async fn three_messages(pool: &PgPool) -> Room {
    let room = room(pool).await;
    let messages: Vec<_> = (0..3).map(|_| (room.id, Uuid::now_v7(), 1, None)).collect();
    append(pool, &room, &messages).await;
    room
}

#[tokio::test]
async fn what_two_have_at_the_same_moment_is_dropped() {
    let server = Server::start().await;
    let pool = server.pool();
    let room = three_messages(pool).await;
    // Two nodes, each with the last news of the one device that the other still misses.
    let mut one = pool.begin().await.unwrap();
    assert_eq!(advance(&mut *one, &room, 0, 4).await, (0, true));
    let mut other = Box::pin(advance(pool, &room, 1, 4));
    let early = tokio::select! {
        moved = &mut other => Some(moved),
        () = somebody_waits(pool) => None,
    };
    one.commit().await.unwrap();
    let moved = match early {
        Some(moved) => moved,
        None => other.await,
    };
    assert_eq!(moved, (0, true));
    assert_eq!(bodies(pool, &room).await, Vec::<i64>::new());
}

#[tokio::test]
async fn what_only_they_lacked_who_go_is_dropped() {
    let server = Server::start().await;
    let pool = server.pool();
    let names = ["ana", "bo.l", "cy.r", "di.m", "el.n"];
    let (room, mut group) = group_of(&server, &names).await;
    let [ana, bo, cy, di, el] = &mut group[..] else {
        unreachable!()
    };
    let bodies = async || -> i64 {
        sqlx::query_scalar("select count(*) from messages where body is not null")
            .fetch_one(pool)
            .await
            .unwrap()
    };
    let have_all = async |members: &mut [&mut Member]| {
        let head: i64 = sqlx::query_scalar("select seq from rooms")
            .fetch_one(pool)
            .await
            .unwrap();
        for member in members {
            let cursors = json!({"cursors": {room.to_string(): head}});
            member.socket.ask("ack", &cursors, &[]).await;
        }
    };
    let shut_out = async |member: &Member| {
        let fresh = member.device.person.sign_in(&server).await;
        let path = format!("/api/devices/{}", member.device.id);
        let (status, reply) = fresh.call(&server, Method::DELETE, &path, None).await;
        assert_eq!(status, 204, "{reply}");
    };
    ana.say(room, "for five").await;
    have_all(&mut [ana, bo, cy, di]).await;
    assert_ne!(bodies().await, 0, "one of them lacks it");
    let command = ["users", "deactivate", "el.n"];
    server.operate(&command).await.unwrap();
    assert_eq!(bodies().await, 0);

    ana.say(room, "for four").await;
    have_all(&mut [ana, bo, cy]).await;
    assert_ne!(bodies().await, 0);
    let path = format!("/api/rooms/{room}/leave");
    di.device.person.post(&server, &path, &Value::Null).await;
    assert_eq!(bodies().await, 0);

    // What was said before somebody was removed is theirs, as long as their device is.
    ana.say(room, "for three").await;
    let removal = ana.commit(room, &[], &[cy.device.id, di.device.id, el.device.id]);
    ana.push(room, removal).await;
    have_all(&mut [ana, bo]).await;
    assert_ne!(bodies().await, 0);
    shut_out(cy).await;
    assert_eq!(bodies().await, 0);

    ana.say(room, "for two").await;
    have_all(&mut [ana]).await;
    assert_ne!(bodies().await, 0);
    shut_out(bo).await;
    assert_eq!(bodies().await, 0);
}
