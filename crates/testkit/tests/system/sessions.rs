//! Sessions and sockets: who gets in, and who is put out.

use engine::Phase;
use protocol::{
    Code, Problem,
    socket::{AuthSuccess, Connected, client, server},
};
use serde_json::{Value, json};
use testkit::{
    Device, Person, Stack, friends,
    socket::{ConnectError, Socket, Target},
};

#[tokio::test]
async fn a_bad_token_refuses_the_connection() {
    let stack = Stack::start().await;
    let ana = Person::sign_up(&stack, "ana").await;
    let target = Target {
        token: Some("x".repeat(43)),
        ..ana.target()
    };
    match Socket::connect(&target).await.err() {
        Some(ConnectError::Refused(code)) => assert_eq!(code, "unauthenticated"),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_foreign_page_opens_no_socket() {
    let stack = Stack::start().await;
    let ana = Person::sign_up(&stack, "ana").await;
    let cookie = cookie_of(&stack, &ana).await;
    let socket = |origin: Option<&str>| Target {
        token: None,
        cookie: Some(cookie.clone()),
        origin: origin.map(str::to_owned),
        ..ana.target()
    };
    for origin in [Some("https://evil.example"), Some("null"), None] {
        match Socket::connect(&socket(origin)).await.err() {
            Some(ConnectError::Handshake(403)) => {}
            Some(ConnectError::Refused(code)) => assert_eq!(code, "forbidden-origin"),
            other => panic!("{origin:?}: {other:?}"),
        }
    }
    let (_socket, mut events) = Socket::connect(&socket(Some(&stack.url()))).await.unwrap();
    let connected: Connected = events.recv().await.unwrap().payload().unwrap();
    assert_eq!(connected.user_id, Some(ana.user_id));
}

#[tokio::test]
async fn a_socket_signs_in_by_an_event() {
    let stack = Stack::start().await;
    let mut ana = Person::sign_up(&stack, "ana").await;
    let target = Target {
        token: None,
        ..ana.target()
    };
    let (mut socket, mut events) = Socket::connect(&target).await.unwrap();
    assert_eq!(events.recv().await.unwrap().name, server::CONNECTED);

    let early: Problem = socket
        .ask::<Value>(client::SYNC, &json!({"cursors": {}}))
        .await
        .unwrap_err();
    assert_eq!(early.code, Code::Unauthenticated);
    let wrong = json!({"username": "ana", "password": "not the password"});
    let refused = socket
        .ask::<Value>(client::AUTHENTICATE, &wrong)
        .await
        .unwrap_err();
    assert_eq!(refused.code, Code::InvalidCredentials);
    assert_eq!(events.recv().await.unwrap().name, server::AUTH_ERROR);

    let code = ana.recovery_codes.pop().unwrap();
    let right = json!({
        "username": "ana", "password": ana.password, "method": "recovery", "code": code,
    });
    let done: AuthSuccess = socket.ask(client::AUTHENTICATE, &right).await.unwrap();
    assert_eq!(done.user.user_id, ana.user_id);
    assert!(done.token.is_none());
    assert_eq!(events.recv().await.unwrap().name, server::AUTH_SUCCESS);
    let refused = socket
        .ask::<Value>(client::SYNC, &json!({"cursors": {}}))
        .await
        .unwrap_err();
    assert_eq!(refused.code, Code::DeviceRequired);
}

#[tokio::test]
async fn an_ended_session_is_over_at_once() {
    let stack = Stack::start().await;
    let (ana, _bo) = friends(&stack).await;
    let reply = ana
        .person
        .raw("POST", "/api/logout", Some(&json!({})))
        .await;
    assert_eq!(reply.status(), 204);
    ana.phase(&Phase::SignedOut).await;
    assert_eq!(ana.person.me().await.unwrap_err().status, 401);
    match Socket::connect(&ana.person.target()).await.err() {
        Some(ConnectError::Refused(_)) => {}
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_newer_socket_of_a_device_takes_over() {
    let stack = Stack::start().await;
    let ana = Person::sign_up(&stack, "ana").await;
    let first = Device::set_up(&ana).await;
    let second = first.twin();
    second.live().await;
    first.phase(&Phase::Displaced).await;
    assert_eq!(second.current_phase(), Some(Phase::Live));
}

#[tokio::test]
async fn sessions_are_listed_and_ended() {
    let stack = Stack::start().await;
    let ana = Person::sign_up(&stack, "ana").await;
    let other = ana.sign_in_with_backup_code().await;
    let sessions: Vec<Value> = ana.get("/api/sessions").await.unwrap();
    assert_eq!(sessions.len(), 2);
    let theirs = sessions
        .iter()
        .find(|session| session["current"] == false)
        .unwrap();
    let path = format!("/api/sessions/{}", theirs["session_id"].as_str().unwrap());
    assert_eq!(ana.raw("DELETE", &path, None).await.status(), 204);
    assert_eq!(other.me().await.unwrap_err().status, 401);
    assert!(ana.me().await.is_ok());
}

/// Signs in as a browser does and hands out the cookie.
async fn cookie_of(stack: &Stack, person: &Person) -> String {
    let body = json!({
        "username": person.username, "password": person.password,
        "method": "recovery", "code": person.recovery_codes[0],
    });
    let reply = stack
        .http()
        .post(format!("{}/api/login", stack.url()))
        .header("origin", stack.url())
        .json(&body)
        .send()
        .await
        .unwrap();
    assert_eq!(reply.status(), 200);
    let cookie = reply.headers()["set-cookie"].to_str().unwrap();
    for attribute in ["HttpOnly", "Secure", "SameSite=Strict", "Path=/"] {
        assert!(cookie.contains(attribute), "{cookie}");
    }
    let pair = cookie.split(';').next().unwrap();
    assert!(pair.starts_with("__Host-session="));
    pair.to_owned()
}
