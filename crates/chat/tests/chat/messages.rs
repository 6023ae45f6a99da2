//! Messages over sockets: order, repeats, receipts, catching up.

use protocol::Code;
use reqwest::Method;
use serde_json::json;
use uuid::Uuid;

use crate::support::{Device, Person, Server, bytes, refused, room_between};

#[tokio::test]
async fn what_one_says_the_other_opens() {
    let server = Server::start().await;
    let (room, (mut ana, mut here), (mut bo, mut there)) = room_between(&server).await;
    let ack = ana.say(&mut here, room, "hello").await;
    assert_eq!((&ack["seq"], &ack["room_id"]), (&json!(2), &json!(room)));
    let echo = here.event("new_message").await;
    let got = there.event("new_message").await;
    assert_eq!(echo.payload, got.payload, "the sender hears its echo");
    assert_eq!(got.payload["sender_device"], ana.id.to_string());
    assert_eq!(got.payload["sent_at"], ack["sent_at"]);
    let opened = bo
        .client
        .open(
            room,
            ana.person.id,
            ana.id,
            &got.attachments[0],
            &mut bo.rng,
        )
        .unwrap();
    assert_eq!(opened, e2ee::Opened::Application(b"hello".to_vec().into()));

    let (_, sealed) = bo.seal(room, "hi");
    let private = json!({
        "recipient_id": ana.person.id, "client_id": Uuid::now_v7(), "message": bytes(0),
    });
    assert_eq!(
        there
            .ask("send_private_message", &private, &[&sealed])
            .await["seq"],
        3
    );
    assert_eq!(here.event("new_message").await.payload["seq"], 3);
    let rooms = ana.person.get(&server, "/api/rooms").await;
    assert_eq!(
        (&rooms[0]["seq"], &rooms[0]["kind"]),
        (&json!(3), &json!("direct"))
    );
    let contacts = ana.person.get(&server, "/api/contacts").await;
    assert_eq!(contacts[0]["room_id"], json!(room));
}

#[tokio::test]
async fn a_repeat_returns_the_first_result_and_is_delivered_once() {
    let server = Server::start().await;
    let (room, (mut ana, mut here), (_bo, mut there)) = room_between(&server).await;
    let (payload, sealed) = ana.seal(room, "once");
    let both = [
        here.emit("message", &payload, &[&sealed]).await,
        here.emit("message", &payload, &[&sealed]).await,
    ];
    let first = here.ack(both[0]).await;
    assert_eq!(first, here.ack(both[1]).await);
    assert_eq!(first, here.ask("message", &payload, &[&sealed]).await);
    ana.say(&mut here, room, "twice").await;
    assert_eq!(there.event("new_message").await.payload["seq"], 2);
    assert_eq!(there.event("new_message").await.payload["seq"], 3);
}

#[tokio::test]
async fn many_messages_at_once_keep_their_order() {
    let server = Server::start().await;
    let (room, (mut ana, mut here), (_bo, mut there)) = room_between(&server).await;
    let mut sent = Vec::new();
    for number in 0..200 {
        let (payload, sealed) = ana.seal(room, &number.to_string());
        sent.push((here.emit("message", &payload, &[&sealed]).await, payload));
    }
    for (number, (id, payload)) in sent.iter().enumerate() {
        let ack = here.ack(*id).await;
        assert_eq!(ack["seq"], number + 2, "{ack}");
        let got = there.event("new_message").await;
        assert_eq!(got.payload["seq"], number + 2);
        assert_eq!(got.payload["client_id"], payload["client_id"]);
    }
}

#[tokio::test]
async fn messages_that_do_not_fit() {
    let server = Server::start().await;
    let (room, (mut ana, mut here), (bo, mut there)) = room_between(&server).await;
    let (payload, sealed) = ana.seal(room, "hello");
    let garbage = [7_u8; 100];
    here.refused("message", &payload, &[&garbage], Code::InvalidMessage)
        .await;
    here.refused("message", &payload, &[&[0; 68_000]], Code::BodyTooLarge)
        .await;
    let elsewhere = json!({
        "room_id": Uuid::now_v7(), "client_id": Uuid::now_v7(), "message": bytes(0),
    });
    here.refused("message", &elsewhere, &[&sealed], Code::InvalidMessage)
        .await;
    let stranger = json!({
        "recipient_id": Uuid::now_v7(), "client_id": Uuid::now_v7(), "message": bytes(0),
    });
    here.refused(
        "send_private_message",
        &stranger,
        &[&sealed],
        Code::NotAContact,
    )
    .await;
    here.refused(
        "send_private_message",
        &stranger,
        &[&garbage],
        Code::NotAContact,
    )
    .await;
    let friend = json!({
        "recipient_id": bo.person.id, "client_id": Uuid::now_v7(), "message": bytes(0),
    });
    here.refused(
        "send_private_message",
        &friend,
        &[&garbage],
        Code::InvalidMessage,
    )
    .await;

    // A stranger with a copy of a message is not in the room.
    let cy = Person::sign_up(&server, "cy.r").await;
    let mut device = Device::register(&server, &cy).await.live(&server).await;
    device
        .refused("message", &payload, &[&sealed], Code::NotAMember)
        .await;
    for (name, payload) in [
        ("read", json!({"room_id": room, "seq": 1})),
        ("typing", json!({"room_id": room, "active": true})),
        ("load_conversation", json!({"room_id": room})),
        ("welcome_done", json!({"room_id": room})),
        ("ack", json!({"cursors": {room.to_string(): 1}})),
    ] {
        device.refused(name, &payload, &[], Code::NotAMember).await;
    }
    for path in ["tree", "group-info", "messages"] {
        let path = format!("/api/rooms/{room}/{path}");
        refused(
            cy.call(&server, Method::GET, &path, None).await,
            Code::NotAMember,
        );
    }
    // Everything else is running.
    here.ask("message", &payload, &[&sealed]).await;
    there.event("new_message").await;
}

#[tokio::test]
async fn receipts_reach_the_other_and_what_both_have_is_dropped() {
    let server = Server::start().await;
    let (room, (mut ana, mut here), (bo, mut there)) = room_between(&server).await;
    ana.say(&mut here, room, "hello").await;
    let cursors = json!({"cursors": {room.to_string(): 2}});
    there.ask("ack", &cursors, &[]).await;
    let delivered = here.event("delivered").await;
    assert_eq!(
        delivered.payload,
        json!({"room_id": room, "user_id": bo.person.id, "seq": 2})
    );
    there
        .ask("read", &json!({"room_id": room, "seq": 2}), &[])
        .await;
    let read = here.event("read").await;
    assert_eq!(
        read.payload,
        json!({"room_id": room, "user_id": bo.person.id, "seq": 2})
    );
    there
        .ask("typing", &json!({"room_id": room, "active": true}), &[])
        .await;
    assert_eq!(here.event("typing").await.payload["active"], true);
    there
        .refused(
            "ack",
            &json!({"cursors": {room.to_string(): 3}}),
            &[],
            Code::CursorAhead,
        )
        .await;
    there
        .refused(
            "read",
            &json!({"room_id": room, "seq": 3}),
            &[],
            Code::CursorAhead,
        )
        .await;

    let bodies = "select count(*) from messages where body is not null";
    let count = async || -> i64 {
        sqlx::query_scalar(bodies)
            .fetch_one(server.pool())
            .await
            .unwrap()
    };
    assert_eq!(
        count().await,
        2,
        "the sender has not acknowledged its echo yet"
    );
    here.ask("ack", &cursors, &[]).await;
    assert_eq!(count().await, 0);
    let rooms = ana.person.get(&server, "/api/rooms").await;
    let mark = json!([{"user_id": bo.person.id, "seq": 2}]);
    assert_eq!((&rooms[0]["delivered"], &rooms[0]["read"]), (&mark, &mark));
    // A person who does not show reads is not told of.
    sqlx::query("update users set shows_read = false")
        .execute(server.pool())
        .await
        .unwrap();
    ana.say(&mut here, room, "again").await;
    there
        .ask("read", &json!({"room_id": room, "seq": 3}), &[])
        .await;
    assert!(here.settle().await.iter().all(|event| event.name != "read"));
}

#[tokio::test]
async fn who_was_away_catches_up_in_pages_and_goes_on_live() {
    let server = Server::start().await;
    let (room, (mut ana, mut here), (bo, there)) = room_between(&server).await;
    drop(there);
    for number in 0..70 {
        ana.say(&mut here, room, &number.to_string()).await;
    }
    let mut socket = bo.person.socket(&server).await;
    let proved = bo.prove(&mut socket).await;
    let mut cursors = proved["cursors"].clone();
    assert_eq!(cursors, json!({room.to_string(): 1}));
    let page = socket.ask("sync", &json!({"cursors": cursors}), &[]).await;
    assert_eq!(page["envelopes"].as_array().unwrap().len(), 50);
    assert_eq!(
        (&page["more"], &page["next"]),
        (&json!(true), &json!({room.to_string(): 51}))
    );
    cursors = page["next"].clone();
    ana.say(&mut here, room, "in between").await;
    let page = socket.ask("sync", &json!({"cursors": cursors}), &[]).await;
    let seqs: Vec<_> = page["envelopes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|e| &e["seq"])
        .collect();
    assert_eq!(seqs, (52..=72).collect::<Vec<_>>());
    assert_eq!(page["more"], false);
    ana.say(&mut here, room, "live").await;
    assert_eq!(socket.event("new_message").await.payload["seq"], 73);

    let loaded = socket
        .ask(
            "load_conversation",
            &json!({"contact_id": ana.person.id, "limit": 5}),
            &[],
        )
        .await;
    let seqs: Vec<_> = loaded["messages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|e| &e["seq"])
        .collect();
    assert_eq!(seqs, (69..=73).collect::<Vec<_>>());
    assert_eq!(loaded["has_more"], true);
    let event = socket.event("conversation_loaded").await;
    assert_eq!(event.payload["messages"], loaded["messages"]);
    let older = json!({"room_id": room, "before_seq": 4});
    let loaded = socket.ask("load_conversation", &older, &[]).await;
    let seqs: Vec<_> = loaded["messages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|e| &e["seq"])
        .collect();
    assert_eq!(seqs, [2, 3], "nothing before the welcome");
    assert_eq!(loaded["has_more"], false);

    let path = format!("/api/rooms/{room}/messages?after=70&limit=2");
    let page = bo.person.get(&server, &path).await;
    assert_eq!(
        (&page["messages"][0]["seq"], &page["has_more"]),
        (&json!(71), &json!(true))
    );
}

#[tokio::test]
async fn a_restart_in_between_loses_nothing() {
    let mut server = Server::start().await;
    let (room, (mut ana, mut here), (bo, _there)) = room_between(&server).await;
    let (payload, sealed) = ana.seal(room, "hello");
    let ack = here.ask("message", &payload, &[&sealed]).await;
    server.restart().await;
    here.closed().await;
    let mut here = ana.live(&server).await;
    assert_eq!(
        here.ask("message", &payload, &[&sealed]).await["seq"],
        ack["seq"]
    );
    let mut there = bo.connect(&server).await;
    let page = there.ask("sync", &json!({"cursors": {}}), &[]).await;
    assert_eq!(page["envelopes"][0]["client_id"], payload["client_id"]);
}

#[tokio::test]
async fn what_another_node_stored_is_read_before_what_follows() {
    let server = Server::start().await;
    let (room, (mut ana, mut here), (_bo, mut there)) = room_between(&server).await;
    // Three messages that this node's sockets are not told of.
    let stored: i64 = sqlx::query_scalar(
        "select count(*) from append_messages(array_fill($1::uuid, array[3]),
           array_fill($2::uuid, array[3]), array_fill($3::uuid, array[3]),
           array_fill(null::uuid, array[3]),
           array[gen_random_uuid(), gen_random_uuid(), gen_random_uuid()],
           '{1,1,1}', array_fill('\\x01'::bytea, array[3]))
         where code = 0",
    )
    .bind(room)
    .bind(ana.person.id)
    .bind(ana.id)
    .fetch_one(server.pool())
    .await
    .unwrap();
    assert_eq!(stored, 3);
    assert_eq!(ana.say(&mut here, room, "hello").await["seq"], 5);
    for socket in [&mut here, &mut there] {
        for seq in 2..=5 {
            assert_eq!(socket.event("new_message").await.payload["seq"], seq);
        }
    }
}
