//! Finding people, asking them, parting from them, and who is online.

use protocol::Code;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Device, Person, Server, friends, refused, room_between};

#[tokio::test]
async fn people_are_found_by_the_beginning_of_their_names() {
    let server = Server::start().await;
    let ana = Person::sign_up(&server, "ana").await;
    let body = json!({
        "email": "x@example.org", "username": "zoe", "password": "green heron seven",
        "name": "Anton Anders",
    });
    let unfinished = server.post("/api/signup", &body).await.1;
    for name in ["anabel", "an_x", "joan"] {
        Person::sign_up(&server, name).await;
    }
    let search = |q: &'static str| {
        let (ana, server) = (&ana, &server);
        async move {
            let found = ana.get(server, &format!("/api/users/search?q={q}")).await;
            found
                .as_array()
                .unwrap()
                .iter()
                .map(|hit| hit["username"].clone())
                .collect::<Vec<_>>()
        }
    };
    assert_eq!(
        search("AN").await,
        ["an_x", "anabel"],
        "prefix, not oneself, not unfinished"
    );
    assert_eq!(
        search("an_").await,
        ["an_x"],
        "an underscore is no wildcard"
    );
    assert_eq!(search("%25%25").await, Vec::<Value>::new());
    assert_eq!(
        search("an%00").await,
        Vec::<Value>::new(),
        "NUL is in no name"
    );
    let path = "/api/users/search?q=a";
    refused(
        ana.call(&server, Method::GET, path, None).await,
        Code::InvalidBody,
    );
    refused(
        ana.call(&server, Method::GET, "/api/users/search", None)
            .await,
        Code::InvalidBody,
    );
    let path = format!("/api/users/{}", unfinished["user_id"].as_str().unwrap());
    refused(
        ana.call(&server, Method::GET, &path, None).await,
        Code::NotFound,
    );
}

#[tokio::test]
async fn a_request_is_seen_at_once_and_answered() {
    let server = Server::start().await;
    let ana = Person::sign_up(&server, "ana").await;
    let bo = Person::sign_up(&server, "bo.l").await;
    let (mut here, mut there) = (ana.socket(&server).await, bo.socket(&server).await);
    let ask = json!({"user_id": bo.id});
    let sent = ana.post(&server, "/api/friend-requests/send", &ask).await;
    assert_eq!(
        (&sent["status"], &sent["user"]["username"]),
        (&json!("pending"), &json!("bo.l"))
    );
    let got = there.event("friend_request_received").await;
    assert_eq!(got.payload["user"]["username"], "ana");
    ana.refused(
        &server,
        "/api/friend-requests/send",
        &ask,
        Code::RequestPending,
    )
    .await;
    let me = json!({"user_id": ana.id});
    ana.refused(&server, "/api/friend-requests/send", &me, Code::InvalidBody)
        .await;
    let pending = bo.get(&server, "/api/friend-requests/pending").await;
    assert_eq!(pending["incoming"][0]["request_id"], sent["request_id"]);
    assert_eq!(pending["outgoing"], json!([]));

    let answer = json!({"request_id": sent["request_id"]});
    ana.refused(
        &server,
        "/api/friend-requests/accept",
        &answer,
        Code::NotFound,
    )
    .await;
    let contact = bo
        .post(&server, "/api/friend-requests/accept", &answer)
        .await;
    assert_eq!(
        (&contact["username"], &contact["online"]),
        (&json!("ana"), &json!(true))
    );
    let accepted = here.event("friend_request_accepted").await;
    assert_eq!(accepted.payload["status"], "accepted");
    for socket in [&mut here, &mut there] {
        assert_eq!(
            socket.event("contacts_updated").await.payload["change"],
            "added"
        );
    }
    ana.refused(
        &server,
        "/api/friend-requests/send",
        &ask,
        Code::AlreadyContacts,
    )
    .await;

    let cy = Person::sign_up(&server, "cy.r").await;
    for end in ["reject", "withdraw"] {
        let sent = cy.post(&server, "/api/friend-requests/send", &ask).await;
        let who = if end == "reject" { &bo } else { &cy };
        let answer = json!({"request_id": sent["request_id"]});
        who.post(&server, &format!("/api/friend-requests/{end}"), &answer)
            .await;
        who.refused(
            &server,
            &format!("/api/friend-requests/{end}"),
            &answer,
            Code::NotFound,
        )
        .await;
    }
    assert_eq!(cy.get(&server, "/api/contacts").await, json!([]));
}

#[tokio::test]
async fn requests_that_cross_make_a_contact_however_they_race() {
    let server = Server::start().await;
    let (ana, bo) = (
        Person::sign_up(&server, "ana").await,
        Person::sign_up(&server, "bo.l").await,
    );
    let (to_bo, to_ana) = (json!({"user_id": bo.id}), json!({"user_id": ana.id}));
    let (one, other) = tokio::join!(
        ana.post(&server, "/api/friend-requests/send", &to_bo),
        bo.post(&server, "/api/friend-requests/send", &to_ana),
    );
    let mut statuses = [
        one["status"].as_str().unwrap(),
        other["status"].as_str().unwrap(),
    ];
    statuses.sort_unstable();
    assert_eq!(statuses, ["accepted", "pending"]);
    let contacts = ana.get(&server, "/api/contacts").await;
    assert_eq!(contacts[0]["user_id"], bo.id.to_string());
    assert_eq!(
        bo.get(&server, "/api/friend-requests/pending").await["outgoing"],
        json!([])
    );
}

#[tokio::test]
async fn too_many_requests_and_searches() {
    let server = Server::with(&[
        "--rate-limit-requests=1 per day",
        "--rate-limit-search=1 per minute",
    ])
    .await;
    let ana = Person::sign_up(&server, "ana").await;
    let bo = Person::sign_up(&server, "bo.l").await;
    let ask = json!({"user_id": bo.id});
    ana.post(&server, "/api/friend-requests/send", &ask).await;
    ana.refused(
        &server,
        "/api/friend-requests/send",
        &ask,
        Code::RateLimited,
    )
    .await;
    ana.get(&server, "/api/users/search?q=bo").await;
    let again = ana
        .call(&server, Method::GET, "/api/users/search?q=bo", None)
        .await;
    refused(again, Code::RateLimited);
}

#[tokio::test]
async fn contacts_see_each_other_come_and_go() {
    let server = Server::start().await;
    let (ana, bo) = friends(&server).await;
    let mut here = ana.socket(&server).await;
    here.event("connected").await;
    let there = bo.socket(&server).await;
    let told = here.event("contacts_updated").await;
    assert_eq!(
        (&told.payload["change"], &told.payload["contact"]["online"]),
        (&json!("online"), &json!(true))
    );
    assert_eq!(ana.get(&server, "/api/contacts").await[0]["online"], true);
    // A reload: gone and back within the pause. Nobody is told.
    drop(there);
    let there = bo.socket(&server).await;
    assert!(here.settle().await.is_empty());
    drop(there);
    let told = here.event("contacts_updated").await;
    assert_eq!(told.payload["change"], "offline");
    assert!(told.payload["contact"]["last_seen"].is_string());
}

#[tokio::test]
async fn parting_closes_the_room_and_drops_what_was_not_delivered() {
    let server = Server::start().await;
    let (room, (mut ana, mut here), (bo, mut there)) = room_between(&server).await;
    drop(there.settle().await);
    ana.say(&mut here, room, "hello").await;
    let (payload, sealed) = ana.seal(room, "more");
    let body = json!({"user_id": bo.person.id});
    ana.person
        .post(&server, "/api/contacts/remove", &body)
        .await;
    let told = there.event("contacts_updated").await;
    assert_eq!(told.payload["change"], "removed");
    here.refused("message", &payload, &[&sealed], Code::RoomClosed)
        .await;
    let private = json!({
        "recipient_id": bo.person.id, "client_id": payload["client_id"],
        "message": payload["message"],
    });
    here.refused(
        "send_private_message",
        &private,
        &[&sealed],
        Code::NotAContact,
    )
    .await;
    ana.person
        .refused(&server, "/api/contacts/remove", &body, Code::NotAContact)
        .await;
    let left: i64 = sqlx::query_scalar("select count(*) from messages where body is not null")
        .fetch_one(server.pool())
        .await
        .unwrap();
    assert_eq!(left, 0);
    // A room with somebody who is no contact cannot be made.
    let stranger = Person::sign_up(&server, "cy.r").await;
    let _ = Device::register(&server, &stranger).await;
    let claim = json!({"user_ids": [bo.person.id], "suite": 3});
    stranger
        .refused(
            &server,
            "/api/key-packages/claim",
            &claim,
            Code::NotAContact,
        )
        .await;
}
