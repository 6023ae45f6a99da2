//! Rooms, messages and commits over sockets: order, repeats, epochs, receipts.

use protocol::Code;
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{Device, Server, bytes, friends, refused, room_between};

fn slices(parts: &[Vec<u8>]) -> Vec<&[u8]> {
    parts.iter().map(Vec::as_slice).collect()
}

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
    assert_eq!(opened, e2ee::Opened::Application(b"hello".to_vec()));

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
    let cy = crate::support::Person::sign_up(&server, "cy.r").await;
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
async fn one_open_room_a_pair() {
    let server = Server::start().await;
    let (ana, bo) = friends(&server).await;
    let mut one = Device::register(&server, &ana).await;
    let mut other = Device::register(&server, &bo).await;
    let (mut here, mut there) = (one.live(&server).await, other.live(&server).await);
    let (first, first_payload, first_parts) = one.new_room(&server, &bo).await;
    let (_, second_payload, second_parts) = other.new_room(&server, &ana).await;
    here.ask("create_room", &first_payload, &slices(&first_parts))
        .await;
    // The reply was lost: the same again.
    here.ask("create_room", &first_payload, &slices(&first_parts))
        .await;
    let problem = there
        .refused(
            "create_room",
            &second_payload,
            &slices(&second_parts),
            Code::RoomExists,
        )
        .await;
    assert_eq!(problem.extra["room_id"], json!(first));
    there
        .refused(
            "create_room",
            &first_payload,
            &slices(&first_parts),
            Code::RoomExists,
        )
        .await;
}

#[tokio::test]
async fn rooms_that_do_not_fit() {
    let server = Server::start().await;
    let (ana, bo) = friends(&server).await;
    let mut one = Device::register(&server, &ana).await;
    Device::register(&server, &bo).await;
    let mut here = one.live(&server).await;
    let (_, payload, parts) = one.new_room(&server, &bo).await;
    let with = |field: &str, value: Value| {
        let mut payload = payload.clone();
        payload[field] = value;
        payload
    };
    let id = json!(Uuid::now_v7());
    for (payload, code) in [
        (with("room_id", id), Code::InvalidMessage),
        (with("kind", json!("group")), Code::Policy),
        (with("devices", json!([])), Code::InvalidMessage),
    ] {
        here.refused("create_room", &payload, &slices(&parts), code)
            .await;
    }
    for broken in 0..4 {
        let mut parts = parts.clone();
        parts[broken] = vec![1, 2, 3];
        here.refused(
            "create_room",
            &payload,
            &slices(&parts),
            Code::InvalidMessage,
        )
        .await;
    }
    let mut large = parts.clone();
    large[3] = vec![0; 97 * 1024];
    here.refused("create_room", &payload, &slices(&large), Code::UseRest)
        .await;
    // No longer contacts when the room arrives.
    ana.post(&server, "/api/contacts/remove", &json!({"user_id": bo.id}))
        .await;
    here.refused("create_room", &payload, &slices(&parts), Code::NotAContact)
        .await;
    let rooms: i64 = sqlx::query_scalar("select count(*) from rooms")
        .fetch_one(server.pool())
        .await
        .unwrap();
    assert_eq!(rooms, 0);
}

#[tokio::test]
async fn commits_move_the_epoch_once() {
    let server = Server::start().await;
    let (room, (mut ana, mut here), (mut bo, mut there)) = room_between(&server).await;
    let (early, sealed) = ana.seal(room, "sealed before");
    let commit = |made: &e2ee::Commit| {
        let payload = json!({
            "room_id": room, "client_id": Uuid::now_v7(), "devices": [],
            "commit": bytes(0), "group_info": bytes(1),
        });
        (payload, vec![made.commit.clone(), made.group_info.clone()])
    };
    let (mine, mine_parts) = commit(&ana.client.commit(room, &[], &[], &mut ana.rng).unwrap());
    let (theirs, their_parts) = commit(&bo.client.commit(room, &[], &[], &mut bo.rng).unwrap());
    let ids = [
        here.emit("commit", &mine, &slices(&mine_parts)).await,
        there.emit("commit", &theirs, &slices(&their_parts)).await,
    ];
    let acks = [here.ack(ids[0]).await, there.ack(ids[1]).await];
    let (won, lost): (Vec<_>, Vec<_>) = acks.iter().partition(|ack| ack["ok"] == true);
    assert_eq!((won.len(), lost.len()), (1, 1), "{acks:?}");
    assert_eq!((&won[0]["epoch"], &won[0]["seq"]), (&json!(2), &json!(2)));
    assert_eq!(lost[0]["error"]["code"], "stale-epoch");
    assert_eq!(lost[0]["error"]["epoch"], 2);
    if acks[0]["ok"] == true {
        assert_eq!(
            here.ask("commit", &mine, &slices(&mine_parts)).await,
            acks[0],
            "a repeat"
        );
    } else {
        assert_eq!(
            there.ask("commit", &theirs, &slices(&their_parts)).await,
            acks[1],
            "a repeat"
        );
    }
    let problem = here
        .refused("message", &early, &[&sealed], Code::StaleEpoch)
        .await;
    assert_eq!(problem.extra["epoch"], 2);
    let (broken, mut parts) = commit(
        &ana.client
            .commit(room, &[], &[], &mut ana.rng)
            .unwrap_or_else(|_| {
                // The loser's own commit is still pending.
                ana.client.discard_own(room).unwrap();
                ana.client.commit(room, &[], &[], &mut ana.rng).unwrap()
            }),
    );
    parts[0] = vec![0; 50];
    here.refused("commit", &broken, &slices(&parts), Code::InvalidMessage)
        .await;
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
async fn programs_without_a_socket_send_and_make_rooms_over_rest() {
    let server = Server::start().await;
    let (ana, bo) = friends(&server).await;
    let mut one = Device::register(&server, &ana).await;
    Device::register(&server, &bo).await;
    let (room, payload, parts) = one.new_room(&server, &bo).await;
    let head = json!({"room_id": room, "kind": "direct", "devices": payload["devices"]});
    let form = |head: &Value| {
        let mut form = reqwest::multipart::Form::new().text("head", head.to_string());
        for (name, bytes) in ["commit", "group_info", "tree", "welcome"]
            .iter()
            .zip(&parts)
        {
            form = form.part(*name, reqwest::multipart::Part::bytes(bytes.clone()));
        }
        form
    };
    let post = |form: reqwest::multipart::Form| {
        let request = server
            .request(Method::POST, "/api/rooms")
            .bearer_auth(&ana.token);
        async move { request.multipart(form).send().await.unwrap() }
    };
    assert_eq!(post(form(&json!({"room_id": room}))).await.status(), 422);
    assert_eq!(
        post(form(&head).text("colour", "green")).await.status(),
        422
    );
    assert_eq!(post(form(&head)).await.status(), 201);
    one.client.merge_own(room).unwrap();
    let (_, sealed) = one.seal(room, "hello");
    use base64::{Engine, engine::general_purpose::STANDARD};
    let body = json!({"client_id": Uuid::now_v7(), "message": STANDARD.encode(&sealed)});
    let path = format!("/api/rooms/{room}/messages");
    assert_eq!(ana.post(&server, &path, &body).await["seq"], 2);
    assert_eq!(ana.post(&server, &path, &body).await["seq"], 2);
    // Another session of the same person has proved no device.
    let other = ana.sign_in(&server).await;
    other
        .refused(&server, &path, &body, Code::DeviceRequired)
        .await;
    let commit = format!("/api/rooms/{room}/commits/1");
    let request = server.request(Method::GET, &commit).bearer_auth(&ana.token);
    assert_eq!(
        request.send().await.unwrap().bytes().await.unwrap(),
        parts[0]
    );
}

#[tokio::test]
async fn a_device_is_added_by_a_commit_and_hears_what_follows() {
    let server = Server::start().await;
    let (room, (mut ana, mut here), (_bo, mut there)) = room_between(&server).await;
    let session = ana.person.sign_in(&server).await;
    let account = e2ee::AccountKey::from_bytes(&ana.account.to_bytes());
    let (mut second, body) = Device::under(&session, account, 2, &[ana.id], 3);
    session.post(&server, "/api/keys", &body).await;
    assert_eq!(
        there.event("contacts_updated").await.payload["change"],
        "keys"
    );

    let packages = ana.claim(&server, ana.person.id).await;
    assert_eq!(packages.len(), 1, "the asking device is left out");
    let made = ana
        .client
        .commit(room, &packages, &[], &mut ana.rng)
        .unwrap();
    let payload = json!({
        "room_id": room, "client_id": Uuid::now_v7(),
        "devices": crate::support::devices(&made.added),
        "commit": bytes(0), "group_info": bytes(1), "welcome": bytes(2),
    });
    let parts = [
        made.commit.clone(),
        made.group_info.clone(),
        made.welcome.clone().unwrap(),
    ];
    let mut nobody = payload.clone();
    nobody["devices"] = json!([]);
    here.refused("commit", &nobody, &slices(&parts), Code::InvalidMessage)
        .await;
    let ack = here.ask("commit", &payload, &slices(&parts)).await;
    assert_eq!((&ack["seq"], &ack["epoch"]), (&json!(2), &json!(2)));
    ana.client.merge_own(room).unwrap();
    assert_eq!(there.event("new_message").await.payload["kind"], "commit");
    ana.say(&mut here, room, "before it has joined").await;

    let mut third = second.connect(&server).await;
    // It cannot read the room yet: nothing of it comes before it has joined.
    let page = third.ask("sync", &json!({"cursors": {}}), &[]).await;
    assert_eq!(
        (&page["envelopes"], &page["next"]),
        (&json!([]), &json!({}))
    );
    assert_eq!(second.join(&server, &mut third).await, room);
    let got = third.event("new_message").await;
    assert_eq!(got.payload["seq"], 3, "its log starts behind its welcome");
    let opened = second
        .client
        .open(
            room,
            ana.person.id,
            ana.id,
            &got.attachments[0],
            &mut second.rng,
        )
        .unwrap();
    assert_eq!(
        opened,
        e2ee::Opened::Application(b"before it has joined".to_vec())
    );
    second.say(&mut third, room, "hello").await;
    assert_eq!(here.event("new_message").await.payload["seq"], 2);
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
