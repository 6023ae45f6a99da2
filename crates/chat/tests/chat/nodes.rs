//! Two nodes on one database, and no broker: what is told between them goes by the tables and the
//! database's notifications alone. With a broker the same happens sooner; the system tests show it.

use protocol::Code;
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{
    Device, Member, Person, Server, Socket, friends, group_of, refused, room_between,
};

/// Nobody listens there.
const NO_REDIS: &str = "--redis-url=redis://127.0.0.1:9";

async fn nodes() -> (Server, Server) {
    let one = Server::with(&[NO_REDIS]).await;
    let two = one.beside().await;
    (one, two)
}

/// The next `new_message` places, so many.
async fn places(socket: &mut Socket, count: usize) -> Vec<u64> {
    let mut places = Vec::new();
    for _ in 0..count {
        let event = socket.event("new_message").await;
        places.push(event.payload["seq"].as_u64().unwrap());
    }
    places
}

/// Waits for a change of a contact.
async fn change(socket: &mut Socket, wanted: &str) -> Value {
    loop {
        let event = socket.event("contacts_updated").await;
        if event.payload["change"] == wanted {
            return event.payload["contact"].clone();
        }
    }
}

#[tokio::test]
async fn a_room_with_sockets_at_both_has_one_order() {
    let (one, two) = nodes().await;
    let (room, (mut ana, mut here), (mut bo, mut before)) = room_between(&one).await;
    let mut there = bo.live(&two).await;
    let last = before.closed().await;
    assert_eq!(last.last().unwrap().name, "displaced", "at the other node");
    for n in 0..30 {
        let (payload, sealed) = ana.seal(room, &format!("ana {n}"));
        here.emit("message", &payload, &[&sealed]).await;
        let (payload, sealed) = bo.seal(room, &format!("bo {n}"));
        there.emit("message", &payload, &[&sealed]).await;
    }
    let expected: Vec<u64> = (2..62).collect();
    assert_eq!(places(&mut here, 60).await, expected);
    assert_eq!(places(&mut there, 60).await, expected);

    let cursors = json!({"cursors": {room.to_string(): 61}});
    there.ask("ack", &cursors, &[]).await;
    let receipt = json!({"room_id": room, "user_id": bo.person.id, "seq": 61});
    assert_eq!(here.event("delivered").await.payload, receipt);
    there
        .ask("read", &json!({"room_id": room, "seq": 61}), &[])
        .await;
    assert_eq!(here.event("read").await.payload, receipt);
}

#[tokio::test]
async fn the_newest_socket_of_a_device_stays_wherever_it_is() {
    let (one, two) = nodes().await;
    let ana = Person::sign_up(&one, "ana").await;
    let device = Device::register(&one, &ana).await;
    let mut sockets = Vec::new();
    for node in [&one, &two, &one, &two] {
        sockets.push(device.live(node).await);
    }
    let mut newest = sockets.pop().unwrap();
    for mut older in sockets {
        let last = older.closed().await;
        assert_eq!(last.last().unwrap().name, "displaced");
    }
    newest.ask("sync", &json!({"cursors": {}}), &[]).await;
}

#[tokio::test]
async fn sessions_and_devices_that_end_at_one_end_at_the_other() {
    let (one, two) = nodes().await;
    let ana = Person::sign_up(&one, "ana").await;
    let other = ana.sign_in(&one).await;
    let mut socket = other.socket(&two).await;
    socket.event("connected").await;
    let reply = ana.call(&one, Method::DELETE, "/api/sessions", None).await;
    assert_eq!(reply.0, 204);
    let last = socket.closed().await;
    assert_eq!(last.last().unwrap().name, "session_ended");
    refused(
        other.call(&two, Method::GET, "/api/me", None).await,
        Code::SessionEnded,
    );

    let other = ana.sign_in(&one).await;
    let device = Device::register(&two, &other).await;
    let mut socket = device.live(&two).await;
    let mut watching = ana.socket(&two).await;
    let (path, list) = ("/api/devices/list", device.list(2, &[], &[device.id]));
    let asked = ana.call(&one, Method::PUT, path, Some(&list)).await;
    let asked = refused(asked, Code::StepUpRequired);
    ana.step_up(&one, &asked).await;
    let reply = ana.call(&one, Method::PUT, path, Some(&list)).await;
    assert_eq!(reply.0, 204, "{}", reply.1);
    socket.closed_as_revoked(device.id).await;
    let revoked = watching.event("device_revoked").await;
    assert_eq!(revoked.payload["device_id"], device.id.to_string());
}

#[tokio::test]
async fn what_is_written_to_a_link_at_one_is_heard_at_the_other() {
    let (one, two) = nodes().await;
    let ana = Person::sign_up(&one, "ana").await;
    let (mut here, mut there) = (ana.socket(&one).await, ana.socket(&two).await);
    here.event("connected").await;
    there.event("connected").await;
    let link = ana.post(&one, "/api/links", &Value::Null).await["link_id"].clone();
    let path = format!("/api/links/{}", link.as_str().unwrap());
    let (step, body) = (format!("{path}/commit"), json!({"blob": "aGFzaA=="}));
    let written = ana.call(&one, Method::PUT, &step, Some(&body)).await;
    assert_eq!(written.0, 204, "{}", written.1);
    for socket in [&mut here, &mut there] {
        let told = socket.event("link_updated").await.payload;
        assert_eq!(told, json!({"link_id": link, "step": "commit"}));
    }
    let ended = ana.call(&two, Method::DELETE, &path, None).await;
    assert_eq!(ended.0, 204, "{}", ended.1);
    for socket in [&mut here, &mut there] {
        let told = socket.event("link_updated").await.payload;
        assert_eq!(told, json!({"link_id": link}));
    }
}

#[tokio::test]
async fn what_an_operator_ends_in_the_database_ends_at_once() {
    let server = Server::start().await;
    let ana = Person::sign_up(&server, "ana").await;
    let mut socket = ana.socket(&server).await;
    socket.event("connected").await;
    sqlx::query("update sessions set ended_at = now()")
        .execute(server.pool())
        .await
        .unwrap();
    let last = socket.closed().await;
    assert_eq!(last.last().unwrap().name, "session_ended");
}

#[tokio::test]
async fn people_hear_of_each_other_across() {
    let (one, two) = nodes().await;
    let ana = Person::sign_up(&one, "ana").await;
    let bo = Person::sign_up(&two, "bo.l").await;
    let (mut here, mut there) = (ana.socket(&one).await, bo.socket(&two).await);
    there.event("connected").await;
    let ask = json!({"user_id": bo.id});
    let sent = ana.post(&one, "/api/friend-requests/send", &ask).await;
    let got = there.event("friend_request_received").await;
    assert_eq!(got.payload["user"]["username"], "ana");
    let answer = json!({"request_id": sent["request_id"]});
    bo.post(&two, "/api/friend-requests/accept", &answer).await;
    here.event("friend_request_accepted").await;
    assert_eq!(change(&mut here, "added").await["username"], "bo.l");
    assert_eq!(change(&mut there, "added").await["username"], "ana");
    let contacts = ana.get(&one, "/api/contacts").await;
    assert_eq!(contacts[0]["online"], true, "at the other node");

    drop(there);
    let gone = change(&mut here, "offline").await;
    assert_eq!(
        (&gone["username"], &gone["online"]),
        (&json!("bo.l"), &json!(false))
    );
    let _there = bo.socket(&two).await;
    assert_eq!(change(&mut here, "online").await["online"], true);
    bo.post(&two, "/api/contacts/remove", &json!({"user_id": ana.id}))
        .await;
    assert_eq!(change(&mut here, "removed").await["username"], "bo.l");
}

#[tokio::test]
async fn who_was_at_a_node_that_crashed_goes_offline() {
    let (one, _two) = nodes().await;
    let (ana, bo) = friends(&one).await;
    let mut here = ana.socket(&one).await;
    let node = Uuid::now_v7();
    sqlx::query("insert into nodes values ($1, now() + interval '2 seconds', 1)")
        .bind(node)
        .execute(one.pool())
        .await
        .unwrap();
    sqlx::query("insert into presence values ($1, $2)")
        .bind(bo.id)
        .bind(node)
        .execute(one.pool())
        .await
        .unwrap();
    let gone = change(&mut here, "offline").await;
    assert_eq!(gone["user_id"], bo.id.to_string());
    let contacts = ana.get(&one, "/api/contacts").await;
    assert_eq!(contacts[0]["online"], false);
}

#[tokio::test]
async fn who_is_removed_at_one_hears_nothing_more_at_the_other() {
    let (one, two) = nodes().await;
    let (room, mut members) = group_of(&one, &["ana", "bo.l", "cleo"]).await;
    let cleo = members.pop().unwrap().device;
    let bo = members.pop().unwrap().device;
    let mut ana = members.pop().unwrap();
    // Both go to the other node.
    let mut at_bo = bo.live(&two).await;
    let mut at_cleo = cleo.live(&two).await;
    let removal = ana.commit(room, &[], &[cleo.id]);
    let removed = ana.push(room, removal).await["seq"].clone();
    for text in ["one", "two"] {
        let Member { device, socket } = &mut ana;
        device.say(socket, room, text).await;
    }
    for number in 0..3 {
        let place = at_bo.event("message").await.payload["seq"].as_u64();
        assert_eq!(place.unwrap(), removed.as_u64().unwrap() + number);
    }
    assert_eq!(at_cleo.event("message").await.payload["seq"], removed);
    let rest = at_cleo.settle().await;
    assert!(rest.iter().all(|event| event.name != "message"), "{rest:?}");
}

#[tokio::test]
async fn who_stays_at_one_is_asked_when_somebody_leaves_at_the_other() {
    let (one, two) = nodes().await;
    let (room, mut members) = group_of(&one, &["ana", "bo.l"]).await;
    let bo = members.pop().unwrap().device;
    let mut ana = members.pop().unwrap();
    let mut at_bo = bo.live(&two).await;
    let path = format!("/api/rooms/{room}/leave");
    let reply = bo.person.call(&one, Method::POST, &path, None).await;
    assert_eq!(reply.0, 204, "{}", reply.1);
    let wanted = ana.socket.event("commit_wanted").await;
    assert_eq!(wanted.payload["remove"], json!([bo.id]));
    let removal = ana.commit(room, &[], &[bo.id]);
    ana.push(room, removal).await;
    let heard = at_bo.settle().await;
    assert!(
        heard.iter().all(|event| event.name != "message"),
        "{heard:?}"
    );
}

#[tokio::test]
async fn after_missed_notices_sockets_resume() {
    let (one, two) = nodes().await;
    let ana = Person::sign_up(&one, "ana").await;
    let (mut here, mut there) = (ana.socket(&one).await, ana.socket(&two).await);
    here.event("connected").await;
    there.event("connected").await;
    let ended: Vec<bool> = sqlx::query_scalar(
        "select pg_terminate_backend(pid) from pg_stat_activity
         where datname = current_database() and query ilike 'listen %'",
    )
    .fetch_all(one.pool())
    .await
    .unwrap();
    assert_eq!(ended, [true, true]);
    here.closed().await;
    there.closed().await;
    // And they hear again.
    let mut there = ana.socket(&two).await;
    there.event("connected").await;
    ana.call(&one, Method::POST, "/api/logout", Some(&json!({})))
        .await;
    let last = there.closed().await;
    assert_eq!(last.last().unwrap().name, "session_ended");
}
