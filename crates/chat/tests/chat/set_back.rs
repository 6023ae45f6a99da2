//! A database that an older copy was put into the place of: devices have seen more than there is.

use protocol::limits;
use serde_json::json;
use sqlx::PgPool;
use uuid::Uuid;

use crate::{
    log,
    support::{Device, Server, Socket, room_between},
};

/// The room as it was when `seq` was its last place.
async fn set_back(pool: &PgPool, room: Uuid, seq: i64) {
    for statement in [
        "delete from messages where room_id = $1 and seq > $2",
        "update members set acked_seq = least(acked_seq, $2) where room_id = $1",
        "update rooms set seq = $2 where room_id = $1",
    ] {
        let statement = sqlx::query(statement).bind(room).bind(seq);
        statement.execute(pool).await.unwrap();
    }
}

async fn head(pool: &PgPool, room: Uuid) -> i64 {
    let head = sqlx::query_scalar("select seq from rooms where room_id = $1");
    head.bind(room).fetch_one(pool).await.unwrap()
}

/// A device comes back that has everything up to `seen`.
async fn back(server: &Server, device: &Device, room: Uuid, seen: u64) -> (Socket, u64) {
    let mut socket = device.connect(server).await;
    let cursors = json!({"cursors": {room.to_string(): seen}});
    let page = socket.ask("sync", &cursors, &[]).await;
    assert_eq!(page["envelopes"], json!([]));
    let next = page["next"][room.to_string()].as_u64().unwrap();
    (socket, next)
}

#[tokio::test]
async fn a_room_goes_on_behind_what_its_devices_have_seen() {
    let mut server = Server::start().await;
    let (room, (mut one, mut here), (mut other, mut there)) = room_between(&server).await;
    for text in ["one", "two", "three"] {
        one.say(&mut here, room, text).await;
        there.event("new_message").await;
    }
    drop((here, there));
    set_back(server.pool(), room, 2).await;
    server.restart().await;

    // The first that comes has not even seen the most.
    let behind = 2 + limits::LOST_PLACES;
    let (mut here, next) = back(&server, &one, room, 3).await;
    assert_eq!(next, behind);
    assert_eq!(one.say(&mut here, room, "four").await["seq"], behind + 1);
    let mut there = other.connect(&server).await;
    let cursors = json!({"cursors": {room.to_string(): 4}});
    let page = there.ask("sync", &cursors, &[]).await;
    assert_eq!(page["envelopes"][0]["seq"], behind + 1);
    assert_eq!(head(server.pool(), room).await, behind as i64 + 1);

    // It goes on for both, and is moved no further.
    assert_eq!(other.say(&mut there, room, "five").await["seq"], behind + 2);
    for seq in [behind + 1, behind + 2] {
        assert_eq!(here.event("new_message").await.payload["seq"], seq);
    }
    let acked = json!({"cursors": {room.to_string(): behind + 2}});
    here.ask("ack", &acked, &[]).await;
}

#[tokio::test]
async fn nobody_moves_a_room_by_more_than_it_can_have_lost() {
    let server = Server::start().await;
    let (room, (one, here), (_, mut there)) = room_between(&server).await;
    drop(here);
    for (seen, next) in [
        (1, 1),
        (2 + limits::LOST_PLACES, 2 + limits::LOST_PLACES),
        (u64::MAX >> 1, u64::MAX >> 1),
    ] {
        assert_eq!(back(&server, &one, room, seen).await.1, next);
        assert_eq!(head(server.pool(), room).await, 1);
    }
    // A million places and no more.
    let (_, next) = back(&server, &one, room, 1 + limits::LOST_PLACES).await;
    assert_eq!(next, 1 + limits::LOST_PLACES);
    assert_eq!(
        head(server.pool(), room).await as u64,
        1 + limits::LOST_PLACES
    );

    // Nor a room that one is not in.
    let other = log::room(server.pool()).await.id;
    let cursors = json!({"cursors": {other.to_string(): 9}});
    let page = there.ask("sync", &cursors, &[]).await;
    assert_eq!(page["next"][other.to_string()], json!(null));
    assert_eq!(head(server.pool(), other).await, 1);
}
