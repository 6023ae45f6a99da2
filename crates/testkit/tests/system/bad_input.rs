//! Bad input over the real servers: each has its code, and everything else keeps running.

use protocol::{
    Code, Problem,
    socket::{client, server},
};
use serde_json::{Value, json};
use testkit::{Device, Person, Stack, socket::Socket};

async fn refusal(stack: &Stack, kind: &str, body: impl Into<reqwest::Body>) -> (u16, Problem) {
    let reply = stack
        .http()
        .post(format!("{}/api/signup", stack.url()))
        .header("content-type", kind)
        .body(body)
        .send()
        .await
        .unwrap();
    assert_eq!(reply.headers()["content-type"], "application/problem+json");
    assert!(reply.headers().contains_key("x-request-id"));
    let status = reply.status().as_u16();
    let problem: Problem = reply.json().await.unwrap();
    assert_eq!(problem.status, status);
    assert!(problem.request_id.is_some());
    (status, problem)
}

#[tokio::test]
async fn bodies_that_do_not_fit() {
    let stack = Stack::start().await;
    let json = "application/json";
    let good = json!({
        "username": "gil.b", "email": "gil@example.org", "password": "seven green herons",
    });
    let with = |field: &str, value: Value| {
        let mut body = good.clone();
        body[field] = value;
        body.to_string()
    };
    let cases = [
        (json, "{".to_owned(), 400, Code::MalformedJson),
        (
            "text/plain",
            good.to_string(),
            415,
            Code::UnsupportedMediaType,
        ),
        (json, with("username", json!(7)), 422, Code::InvalidBody),
        (json, with("colour", json!("green")), 422, Code::InvalidBody),
        (
            json,
            with("username", json!("no spaces")),
            422,
            Code::InvalidBody,
        ),
        (
            json,
            with("email", json!("no address")),
            422,
            Code::InvalidBody,
        ),
        (
            json,
            with("password", json!("short")),
            422,
            Code::InvalidBody,
        ),
        (
            json,
            with("password", json!("password123")),
            422,
            Code::InvalidBody,
        ),
        (
            json,
            with("name", json!("x".repeat(81))),
            422,
            Code::InvalidBody,
        ),
        (
            json,
            with("name", json!("x".repeat(65 * 1024))),
            413,
            Code::BodyTooLarge,
        ),
    ];
    for (kind, body, status, code) in cases {
        let shown = body.chars().take(90).collect::<String>();
        let (got, problem) = refusal(&stack, kind, body).await;
        assert_eq!((got, problem.code), (status, code), "{shown}");
    }
    let weak = with("password", json!("password123"));
    let (_, problem) = refusal(&stack, json, weak).await;
    assert_eq!(problem.errors[0].field, "password");
    let missing = stack
        .http()
        .get(format!("{}/api/nothing", stack.url()))
        .send()
        .await
        .unwrap();
    assert_eq!(missing.status(), 404);
    assert_eq!(
        missing.json::<Problem>().await.unwrap().code,
        Code::NotFound
    );
}

#[tokio::test]
async fn events_that_do_not_fit() {
    let stack = Stack::start().await;
    let ana = Person::sign_up(&stack, "ana").await;
    let device = Device::set_up(&ana).await;
    let (mut socket, mut events) = Socket::connect(&ana.target()).await.unwrap();
    assert_eq!(events.recv().await.unwrap().name, server::CONNECTED);
    let cases = [
        ("nonsense", json!({"a": 1}), Code::UnknownEvent),
        (
            client::DEVICE,
            json!({"device_id": 1}),
            Code::InvalidPayload,
        ),
        (client::TYPING, json!("text"), Code::InvalidPayload),
        (
            client::SYNC,
            json!({"cursors": {}, "more": 1}),
            Code::InvalidPayload,
        ),
        (client::SYNC, json!({"cursors": {}}), Code::DeviceRequired),
    ];
    for (name, payload, code) in cases {
        let refused = socket.ask::<Value>(name, &payload).await.unwrap_err();
        assert_eq!(refused.code, code, "{name}");
    }
    // Larger than any packet may be: this socket ends, and only this one.
    socket.send_raw(&format!("42[\"message\",\"{}\"]", "x".repeat(200 * 1024)));
    while events.recv().await.is_some() {}
    assert_eq!(device.current_phase(), Some(engine::Phase::Live));
}

#[tokio::test]
async fn packets_that_no_client_sends() {
    let stack = Stack::start().await;
    let ana = Person::sign_up(&stack, "ana").await;
    let device = Device::set_up(&ana).await;
    for raw in [
        "451-[\"message\",{\"_placeholder\":true,\"num\":0}]",
        "4599999999-[\"message\"]",
        "42[",
        "42{}",
        "42[1]",
        "40",
        "49",
        "4",
        "x",
        "451-[\"ack\",{\"_placeholder\":true,\"num\":\"splice\"}]",
        "42[\"constructor\",{\"__proto__\":1}]",
    ] {
        let (socket, mut events) = Socket::connect(&ana.target()).await.unwrap();
        assert_eq!(
            events.recv().await.unwrap().name,
            server::CONNECTED,
            "{raw}"
        );
        socket.send_raw(raw);
        socket.send_raw_binary(vec![0; 10]);
        drop(socket);
    }
    let deep = format!(
        "42[\"typing\",{}{}]",
        "[".repeat(20_000),
        "]".repeat(20_000)
    );
    let (socket, _events) = Socket::connect(&ana.target()).await.unwrap();
    socket.send_raw(&deep);
    let health = ana.raw("GET", "/api/health", None).await;
    assert_eq!(health.status(), 200);
    assert_eq!(device.current_phase(), Some(engine::Phase::Live));
}

#[tokio::test]
async fn people_who_are_no_contacts_are_not_written_to() {
    let stack = Stack::start().await;
    let (ana, bo) = tokio::join!(
        Person::sign_up(&stack, "ana"),
        Person::sign_up(&stack, "bo.l")
    );
    let (one, other) = tokio::join!(Device::set_up(&ana), Device::set_up(&bo));
    one.write(&bo, "do you know me?");
    one.notice("a refusal", |notice| match notice {
        engine::Notice::Message { entry, .. } => entry.failure.clone(),
        _ => None,
    })
    .await;
    assert!(other.transcript(&ana).is_empty());
    let claim = json!({"user_ids": [bo.user_id], "suite": 3});
    let refused = ana
        .post::<Value>("/api/key-packages/claim", &claim)
        .await
        .unwrap_err();
    assert_eq!((refused.code, refused.status), (Code::NotAContact, 403));
}

#[tokio::test]
async fn keys_that_are_no_keys_are_refused_with_a_reason() {
    let stack = Stack::start().await;
    let ana = Person::sign_up(&stack, "ana").await;
    let keys = json!({
        "account_key": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
        "device_list": "AAAA",
        "device": {"name": "Test", "credential": "AAAA"},
        "key_packages": ["AAAA"],
        "last_resort": "AAAA",
    });
    let refused = ana.post::<Value>("/api/keys", &keys).await.unwrap_err();
    assert_eq!((refused.code, refused.status), (Code::InvalidKey, 422));
    let reasons: Vec<protocol::rest::keys::RefusedKey> = refused.member("keys").unwrap();
    assert!(
        reasons
            .iter()
            .any(|key| key.key == "account_key" && key.reason == "weak-key")
    );
    let left: i64 = sqlx::query_scalar("select count(*) from devices")
        .fetch_one(stack.chat_database())
        .await
        .unwrap();
    assert_eq!(left, 0, "nothing is stored");
}
