//! Groups with real MLS clients: roles, leaving, removing, inviting, coming back.

use e2ee::Opened;
use protocol::Code;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{Device, Member, Person, Server, befriend, group_of};

async fn leave(server: &Server, member: &Member, room: Uuid) -> (u16, Value) {
    let path = format!("/api/rooms/{room}/leave");
    member
        .device
        .person
        .call(server, reqwest::Method::POST, &path, None)
        .await
}

fn code(reply: &(u16, Value)) -> &Value {
    &reply.1["code"]
}

#[tokio::test]
async fn who_leaves_is_refused_at_once_and_removed_by_who_stays() {
    let server = Server::start().await;
    let (room, mut group) = group_of(&server, &["ana", "bo.l", "cy.r"]).await;
    let [ana, bo, cy] = &mut group[..] else {
        unreachable!()
    };
    ana.say(room, "all three").await;
    bo.reads(room, "all three").await;
    cy.reads(room, "all three").await;
    let rooms = ana.device.person.get(&server, "/api/rooms").await;
    assert_eq!(rooms[0]["admins"], json!([ana.device.person.id]));
    assert_eq!(rooms[0]["members"].as_array().unwrap().len(), 3);

    // Before anybody commits it, Bo is out: neither says nor hears anything.
    let (payload, sealed) = bo.device.seal(room, "one more thing");
    let path = format!("/api/rooms/{room}/leave");
    bo.device.person.post(&server, &path, &Value::Null).await;
    let gone = json!([bo.device.id]);
    bo.socket
        .refused("message", &payload, &[&sealed], Code::NotAMember)
        .await;
    assert_eq!(code(&leave(&server, bo, room).await), "not-a-member");
    assert_eq!(bo.device.person.get(&server, "/api/rooms").await, json!([]));
    // One of those who stay is asked; the other is the next in turn.
    let wanted = tokio::select! {
        event = ana.socket.event("commit_wanted") => event,
        event = cy.socket.event("commit_wanted") => event,
    };
    assert_eq!(wanted.payload["remove"], gone);

    let without = cy.commit(room, &[], &[]);
    let problem = cy.push_refused(room, without, Code::RemovalRequired).await;
    assert_eq!(problem.extra["devices"], gone);
    // A member who is no admin may do this one removal, and no other.
    let both = cy.commit(room, &[], &[bo.device.id, ana.device.id]);
    let problem = cy.push_refused(room, both, Code::Policy).await;
    assert_eq!(problem.extra["rule"], "not-admin");
    let removal = cy.commit(room, &[], &[bo.device.id]);
    cy.push(room, removal).await;
    assert!(matches!(ana.hear(room).await, Opened::Commit(_)));
    ana.say(room, "two of us").await;
    cy.reads(room, "two of us").await;
    assert!(
        bo.socket
            .settle()
            .await
            .iter()
            .all(|event| event.name != "message")
    );
    // Bo cannot come back by himself.
    let path = format!("/api/rooms/{room}/group-info");
    let reply = bo
        .device
        .person
        .call(&server, reqwest::Method::GET, &path, None)
        .await;
    assert_eq!(reply.0, 403);
}

#[tokio::test]
async fn admins_remove_and_invite_and_others_do_not() {
    let server = Server::start().await;
    let (room, mut group) = group_of(&server, &["ana", "bo.l", "cy.r"]).await;
    let [ana, bo, cy] = &mut group[..] else {
        unreachable!()
    };
    let kick = bo.commit(room, &[], &[cy.device.id]);
    let problem = bo.push_refused(room, kick, Code::Policy).await;
    assert_eq!(problem.extra["rule"], "not-admin");
    let dee = Person::sign_up(&server, "dee").await;
    befriend(&server, &bo.device.person, &dee).await;
    let mut fourth = Device::register(&server, &dee).await;
    let mut there = fourth.live(&server).await;
    let package = bo.device.claim(&server, dee.id).await;
    let invite = bo.commit(room, &package, &[]);
    let problem = bo.push_refused(room, invite, Code::Policy).await;
    assert_eq!(problem.extra["rule"], "not-admin");

    let kick = ana.commit(room, &[], &[cy.device.id]);
    ana.push(room, kick).await;
    assert!(matches!(bo.hear(room).await, Opened::Commit(_)));
    let Opened::Commit(last) = cy.hear(room).await else {
        panic!()
    };
    assert!(last.removed_me, "the removed hear of it as the last thing");
    ana.say(room, "without Cy").await;
    assert!(cy.socket.settle().await.is_empty());

    // Ana makes Bo an admin, who lets in whom Ana does not know.
    let people = [ana.device.person.id, bo.device.person.id];
    let device = &mut ana.device;
    let made = device
        .client
        .change_admins(room, &people, &mut device.rng)
        .unwrap();
    let payload = json!({
        "room_id": room, "client_id": Uuid::now_v7(), "devices": [],
        "commit": crate::support::bytes(0), "group_info": crate::support::bytes(1),
    });
    ana.push(room, (payload, vec![made.commit, made.group_info]))
        .await;
    bo.reads(room, "without Cy").await;
    assert!(matches!(bo.hear(room).await, Opened::Commit(_)));
    let rooms = bo.device.person.get(&server, "/api/rooms").await;
    assert_eq!(rooms[0]["admins"].as_array().unwrap().len(), 2);
    let package = bo.device.claim(&server, dee.id).await;
    let invite = bo.commit(room, &package, &[]);
    bo.push(room, invite).await;
    assert!(matches!(ana.hear(room).await, Opened::Commit(_)));
    fourth.join(&server, &mut there).await;
    ana.say(room, "hello Dee").await;
    let mut fourth = Member {
        device: fourth,
        socket: there,
    };
    fourth.reads(room, "hello Dee").await;
    // Strangers to the one who invites are not let in.
    let stranger = Person::sign_up(&server, "eve.s").await;
    befriend(&server, &ana.device.person, &stranger).await;
    let fifth = Device::register(&server, &stranger).await;
    drop(fifth);
    let package = ana.device.claim(&server, stranger.id).await;
    let parting = json!({"user_id": stranger.id});
    ana.device
        .person
        .post(&server, "/api/contacts/remove", &parting)
        .await;
    let invite = ana.commit(room, &package, &[]);
    ana.push_refused(room, invite, Code::NotAContact).await;
}

#[tokio::test]
async fn receipts_are_told_to_those_who_wrote_and_to_nobody_else() {
    let server = Server::start().await;
    let (room, mut group) = group_of(&server, &["ana", "bo.l", "cy.r"]).await;
    let [ana, bo, cy] = &mut group[..] else {
        unreachable!()
    };
    ana.say(room, "by ana").await;
    for one in [&mut *bo, &mut *cy] {
        one.reads(room, "by ana").await;
    }
    let rooms = ana.device.person.get(&server, "/api/rooms").await;
    let seq = rooms[0]["seq"].as_u64().unwrap();
    let (ack, mark) = (
        json!({"cursors": {room.to_string(): seq}}),
        json!({"room_id": room, "seq": seq}),
    );
    let receipt = json!({"room_id": room, "user_id": bo.device.person.id, "seq": seq});
    bo.socket.ask("ack", &ack, &[]).await;
    bo.socket.ask("read", &mark, &[]).await;
    assert_eq!(ana.socket.event("delivered").await.payload, receipt);
    assert_eq!(ana.socket.event("read").await.payload, receipt);
    // Who wrote nothing new hears nothing, and nobody hears of the writer's own place.
    ana.socket.ask("ack", &ack, &[]).await;
    ana.socket.ask("read", &mark, &[]).await;
    for other in [&mut *bo, &mut *cy] {
        let told = other.socket.settle().await;
        let receipts = told
            .iter()
            .filter(|event| matches!(event.name.as_str(), "delivered" | "read"));
        assert_eq!(receipts.count(), 0, "{}", other.device.person.id);
    }
    // The rooms tell everybody's marks to all.
    let rooms = cy.device.person.get(&server, "/api/rooms").await;
    let marks = rooms[0]["delivered"].as_array().unwrap();
    let mark = json!({"user_id": bo.device.person.id, "seq": seq});
    assert!(marks.contains(&mark), "{marks:?}");
}

#[tokio::test]
async fn the_last_admin_stays_and_the_last_person_takes_the_room_along() {
    let server = Server::start().await;
    let (room, mut group) = group_of(&server, &["ana", "bo.l"]).await;
    let [ana, bo] = &mut group[..] else {
        unreachable!()
    };
    assert_eq!(code(&leave(&server, ana, room).await), "last-admin");
    ana.say(room, "still here").await;
    bo.reads(room, "still here").await;
    assert_eq!(leave(&server, bo, room).await.0, 204);
    assert_eq!(leave(&server, ana, room).await.0, 204);
    for table in ["rooms", "messages", "members", "room_groups", "room_epochs"] {
        let rows: i64 =
            sqlx::query_scalar(sqlx::AssertSqlSafe(format!("select count(*) from {table}")))
                .fetch_one(server.pool())
                .await
                .unwrap();
        assert_eq!(rows, 0, "{table}");
    }
    let (payload, sealed) = ana.device.seal(room, "anybody?");
    ana.socket
        .refused("message", &payload, &[&sealed], Code::NotAMember)
        .await;
}

#[tokio::test]
async fn a_direct_room_is_not_left_but_ended() {
    let server = Server::start().await;
    let (room, (device, socket), _) = crate::support::room_between(&server).await;
    let ana = Member { device, socket };
    let reply = leave(&server, &ana, room).await;
    assert_eq!(
        (code(&reply), &reply.1["rule"]),
        (&json!("policy"), &json!("direct-room"))
    );
    assert_eq!(
        code(&leave(&server, &ana, Uuid::now_v7()).await),
        "not-a-member"
    );
}

#[tokio::test]
async fn a_device_without_its_state_comes_back_by_external_commit() {
    let server = Server::start().await;
    let (room, mut group) = group_of(&server, &["ana", "bo.l", "cy.r"]).await;
    let [ana, bo, cy] = &mut group[..] else {
        unreachable!()
    };
    bo.device.client.forget(room).unwrap();
    bo.device.client.take_changes();
    let ack = bo.rejoin(&server, room).await;
    assert_eq!(
        (&ack["ok"], &ack["epoch"]),
        (&json!(true), &json!(2)),
        "{ack}"
    );
    bo.device.client.take_changes();
    for member in [&mut *ana, &mut *cy] {
        assert!(matches!(member.hear(room).await, Opened::Commit(_)));
    }
    let echo = bo.socket.event("message").await;
    assert_eq!(echo.payload["seq"], ack["seq"]);
    bo.say(room, "back").await;
    ana.reads(room, "back").await;
    cy.reads(room, "back").await;
    ana.say(room, "good").await;
    bo.reads(room, "good").await;
    // A removal that is due does not keep anybody out: the joiner could not commit it. Somebody
    // is asked again.
    assert_eq!(leave(&server, cy, room).await.0, 204);
    bo.device.client.forget(room).unwrap();
    bo.device.client.take_changes();
    let ack = bo.rejoin(&server, room).await;
    assert_eq!(ack["ok"], true, "{ack}");
    // Who was removed or never was in the room has no such way.
    let outsider = Person::sign_up(&server, "dee").await;
    for path in ["group-info", "tree"] {
        let path = format!("/api/rooms/{room}/{path}");
        for who in [&outsider, &cy.device.person] {
            let reply = who.call(&server, reqwest::Method::GET, &path, None).await;
            assert_eq!(code(&reply), "not-a-member");
        }
    }
}

#[tokio::test]
async fn a_welcome_waits_until_the_device_says_that_it_has_joined() {
    let server = Server::start().await;
    let (room, mut group) = group_of(&server, &["ana", "bo.l"]).await;
    let ana = &mut group[0];
    let cy = Person::sign_up(&server, "cy.r").await;
    befriend(&server, &ana.device.person, &cy).await;
    let mut third = Device::register(&server, &cy).await;
    let package = ana.device.claim(&server, cy.id).await;
    let invite = ana.commit(room, &package, &[]);
    ana.push(room, invite).await;
    // Seen, but the device dies before it has joined; meanwhile the room goes on.
    let mut socket = third.connect(&server).await;
    assert_eq!(socket.event("welcome").await.payload["epoch"], 2);
    drop(socket);
    let update = ana.commit(room, &[], &[]);
    ana.push(room, update).await;
    ana.say(room, "are you in?").await;
    let mut socket = third.connect(&server).await;
    third.join(&server, &mut socket).await;
    let mut cy = Member {
        device: third,
        socket,
    };
    assert!(matches!(cy.hear(room).await, Opened::Commit(_)));
    cy.reads(room, "are you in?").await;
    let epochs: i64 = sqlx::query_scalar("select count(*) from room_epochs where room_id = $1")
        .bind(room)
        .fetch_one(server.pool())
        .await
        .unwrap();
    // Bo's welcome of epoch 1 was done before: only the current tree is kept.
    assert_eq!(epochs, 1);
}
