//! Sockets: who gets in, what does not fit, who is put out.

use protocol::Code;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{Device, Person, Server, Socket, TOTP_CODE, bytes, room_between};

#[tokio::test]
async fn a_bad_token_refuses_the_connection() {
    let server = Server::start().await;
    let refused = Socket::open(&server, &[], Some("wrong"))
        .await
        .err()
        .unwrap();
    assert_eq!(refused, "unauthenticated");
}

#[tokio::test]
async fn without_a_session_only_authenticate_is_heard() {
    let server = Server::start().await;
    let ana = Person::sign_up(&server, "ana").await;
    let mut socket = Socket::open(&server, &[], None).await.unwrap();
    let connected = socket.event("connected").await;
    assert_eq!(connected.payload["user_id"], Value::Null);
    let sync = json!({"cursors": {}});
    socket
        .refused("sync", &sync, &[], Code::Unauthenticated)
        .await;
    let proof = json!({"device_id": Uuid::now_v7(), "signature": bytes(0)});
    socket
        .refused("device", &proof, &[&[0; 64]], Code::Unauthenticated)
        .await;

    let wrong = json!({"username": "ana", "password": "wrong"});
    socket
        .refused("authenticate", &wrong, &[], Code::InvalidCredentials)
        .await;
    let told = socket.event("auth_error").await;
    assert_eq!(told.payload["error"]["code"], "invalid-credentials");
    let half = json!({"username": "ana", "password": "green heron seven"});
    socket
        .refused("authenticate", &half, &[], Code::MfaRequired)
        .await;

    let right = json!({
        "username": "ana", "password": "green heron seven", "method": "totp", "code": TOTP_CODE,
    });
    let ack = socket.ask("authenticate", &right, &[]).await;
    assert_eq!(ack["user"]["user_id"], ana.id.to_string());
    assert!(ack.get("token").is_none());
    assert_eq!(
        socket.event("auth_success").await.payload["user"],
        ack["user"]
    );
    socket
        .refused("sync", &sync, &[], Code::DeviceRequired)
        .await;
    socket
        .refused("authenticate", &right, &[], Code::Forbidden)
        .await;
    // That session ends with the socket.
    let open = "select count(*) from sessions where ended_at is null";
    drop(socket);
    for _ in 0..100 {
        let left: i64 = sqlx::query_scalar(open)
            .fetch_one(server.pool())
            .await
            .unwrap();
        if left == 1 {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("the session outlives its socket");
}

#[tokio::test]
async fn payloads_that_do_not_fit_are_answered() {
    let server = Server::start().await;
    let ana = Person::sign_up(&server, "ana").await;
    let mut socket = Device::register(&server, &ana).await.connect(&server).await;
    let problem = socket
        .refused("nonsense", &json!({"a": 1}), &[], Code::UnknownEvent)
        .await;
    assert_eq!(problem.extra["event"], "nonsense");
    assert!(problem.request_id.is_none() || problem.request_id.is_some());
    let room = Uuid::now_v7();
    for (name, payload) in [
        ("device", json!({"device_id": 1})),
        ("typing", json!("text")),
        (
            "typing",
            json!({"room_id": room, "active": true, "more": 1}),
        ),
        ("sync", json!({"cursors": [1]})),
        ("sync", Value::Null),
        (
            "message",
            json!({"room_id": room, "client_id": room, "message": "text"}),
        ),
        ("read", json!({"room_id": room, "seq": -1})),
        ("load_conversation", json!({})),
    ] {
        socket
            .refused(name, &payload, &[], Code::InvalidPayload)
            .await;
    }
    // No acknowledgement asked, no attachment sent, out of order: nobody falls over.
    socket.raw("42[\"typing\",{\"room_id\":1}]").await;
    socket.ask("sync", &json!({"cursors": {}}), &[]).await;
}

#[tokio::test]
async fn a_packet_over_the_limit_ends_its_socket_alone() {
    let server = Server::start().await;
    let (room, (mut ana, mut here), (_bo, mut there)) = room_between(&server).await;
    for hostile in [
        format!("42[\"typing\",\"{}\"]", "x".repeat(200 * 1024)),
        "459-[\"message\",{}]".to_owned(),
        "45999999-[\"message\",{}]".to_owned(),
        "42{".to_owned(),
        "4".to_owned(),
    ] {
        let mut socket = ana.person.socket(&server).await;
        socket.event("connected").await;
        socket.raw(&hostile).await;
        socket.closed().await;
    }
    ana.say(&mut here, room, "still here").await;
    there.event("new_message").await;
}

#[tokio::test]
async fn a_device_proves_itself_and_displaces_its_older_socket() {
    let server = Server::start().await;
    let ana = Person::sign_up(&server, "ana").await;
    let bo = Person::sign_up(&server, "bo.l").await;
    let device = Device::register(&server, &ana).await;
    let foreign = Device::register(&server, &bo).await;
    let mut first = device.connect(&server).await;

    let mut socket = ana.socket(&server).await;
    let proof = |device: Uuid| json!({"device_id": device, "signature": bytes(0)});
    socket
        .refused(
            "device",
            &proof(device.id),
            &[&[1; 64]],
            Code::DeviceProofInvalid,
        )
        .await;
    let signature = foreign.client.keys().prove(b"nonce");
    socket
        .refused(
            "device",
            &proof(foreign.id),
            &[&signature],
            Code::DeviceProofInvalid,
        )
        .await;
    // A signature over another socket's nonce proves nothing here.
    let old = device.client.keys().prove(b"another nonce");
    socket
        .refused(
            "device",
            &proof(device.id),
            &[&old],
            Code::DeviceProofInvalid,
        )
        .await;

    device.prove(&mut socket).await;
    let last = first.closed().await;
    assert_eq!(last.last().unwrap().name, "displaced");
    socket.ask("sync", &json!({"cursors": {}}), &[]).await;
}

#[tokio::test]
async fn a_flood_is_answered_with_queue_full_and_harms_nobody() {
    let server = Server::start().await;
    let (room, (mut ana, mut here), (_bo, mut there)) = room_between(&server).await;
    let mut ids = Vec::new();
    for _ in 0..600 {
        ids.push(
            here.emit("read", &json!({"room_id": room, "seq": 1}), &[])
                .await,
        );
    }
    let mut full = 0;
    for id in ids {
        let ack = here.ack(id).await;
        match ack["ok"].as_bool() {
            Some(true) => {}
            _ => {
                assert_eq!(ack["error"]["code"], "queue-full", "{ack}");
                full += 1;
            }
        }
    }
    assert!(full > 0, "more than 256 were in flight");
    ana.say(&mut here, room, "done").await;
    there.event("new_message").await;
}

#[tokio::test]
async fn names_that_libraries_keep_for_themselves_are_events_like_others() {
    let server = Server::start().await;
    let (room, (mut ana, mut here), (_bo, mut there)) = room_between(&server).await;
    // CVE-2024-38355 (`error` without a listener), CVE-2023-32695 (names of built-in methods).
    for name in [
        "error",
        "connect",
        "connect_error",
        "disconnect",
        "disconnecting",
        "newListener",
        "removeListener",
        "constructor",
        "__proto__",
        "toString",
        "hasOwnProperty",
        "",
    ] {
        let payload = json!({"__proto__": {"ok": true}, "constructor": 1});
        here.refused(name, &payload, &[], Code::UnknownEvent).await;
    }
    // CVE-2022-2421: a placeholder is no number, or one that leads nowhere.
    for number in [json!("splice"), json!(-1), json!(9), json!(null)] {
        let payload = json!({
            "room_id": room, "client_id": Uuid::now_v7(),
            "message": {"_placeholder": true, "num": number},
        });
        let mut socket = ana.person.socket(&server).await;
        let id = socket.emit("message", &payload, &[&[1]]).await;
        let _ = socket.closed_or_ack(id).await;
    }
    // A second CONNECT, an answer to nothing, a namespace that there is none of.
    for odd in [
        "40",
        "40{}",
        "431[]",
        "431[{\"ok\":true}]",
        "42/nowhere,[\"sync\",{}]",
    ] {
        let mut socket = ana.person.socket(&server).await;
        socket.raw(odd).await;
        let _ = socket.closed_or_ack(0).await;
    }
    ana.say(&mut here, room, "still here").await;
    there.event("new_message").await;
}

#[tokio::test]
async fn who_does_not_sign_in_is_closed() {
    let server = Server::with(&["--sign-in-timeout=1 s"]).await;
    let ana = Person::sign_up(&server, "ana").await;
    let mut stays = ana.socket(&server).await;
    let mut silent = Socket::open(&server, &[], None).await.unwrap();
    silent.event("connected").await;
    silent.closed().await;
    stays.settle().await;
}

#[tokio::test]
async fn who_does_not_read_is_closed_without_a_gap_and_catches_up() {
    let server = Server::start().await;
    let (room, (mut ana, mut here), (bo, mut stalled)) = room_between(&server).await;
    stalled.settle().await;
    // More than any system keeps for a connection, in far fewer packets than the queue has. The
    // sender reads, the other does not.
    let text = "x".repeat(60_000);
    for _ in 0..300 {
        ana.say(&mut here, room, &text).await;
    }
    loop {
        let told = here.event("contacts_updated").await;
        if told.payload["change"] == "offline" {
            break;
        }
    }
    let mut last = 1;
    for event in stalled.closed().await {
        if event.name == "new_message" {
            last += 1;
            assert_eq!(event.payload["seq"], last, "no gap before the end");
        }
    }
    assert!(last < 301, "it was closed before it had all");
    let mut again = bo.connect(&server).await;
    let mut cursors = json!({room.to_string(): last});
    loop {
        let page = again.ask("sync", &json!({"cursors": cursors}), &[]).await;
        for envelope in page["envelopes"].as_array().unwrap() {
            last += 1;
            assert_eq!(envelope["seq"], last);
        }
        cursors = page["next"].clone();
        if page["more"] == false {
            break;
        }
    }
    assert_eq!(last, 301);
}
