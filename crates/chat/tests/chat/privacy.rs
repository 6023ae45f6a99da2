//! What people show of themselves, and to whom they are not there.

use protocol::Code;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Person, Server, friends, refused, room_between};

async fn change(server: &Server, person: &Person, body: &Value) -> (u16, Value) {
    person
        .call(server, Method::PATCH, "/api/me", Some(body))
        .await
}

async fn status_of(server: &Server, person: &Person, path: &str) -> u16 {
    person.call(server, Method::GET, path, None).await.0
}

#[tokio::test]
async fn a_profile_is_changed_and_contacts_hear_of_it() {
    let server = Server::start().await;
    let (ana, bo) = friends(&server).await;
    let me = ana.get(&server, "/api/me").await;
    assert_eq!(
        (&me["role"], &me["searchable"]),
        (&json!("member"), &json!(true))
    );
    let mut there = bo.socket(&server).await;
    there.event("connected").await;
    let (status, me) = change(&server, &ana, &json!({"name": " Ana  "})).await;
    assert_eq!((status, &me["name"]), (200, &json!("Ana")));
    let told = there.event("contacts_updated").await;
    assert_eq!(told.payload["change"], "profile");
    assert_eq!(told.payload["contact"]["name"], "Ana");
    let me = change(&server, &ana, &json!({"name": null, "shows_read": false}))
        .await
        .1;
    assert_eq!(
        (&me["name"], &me["shows_read"]),
        (&Value::Null, &json!(false))
    );
    for wrong in [
        json!({"name": "x".repeat(81)}),
        json!({"username": "other"}),
        json!({"searchable": "yes"}),
    ] {
        refused(change(&server, &ana, &wrong).await, Code::InvalidBody);
    }
    let me = change(&server, &ana, &json!({"name": "x".repeat(80)})).await;
    assert_eq!(me.0, 200);
}

#[tokio::test]
async fn last_seen_is_for_those_who_may_see_it() {
    let server = Server::start().await;
    let (ana, bo) = friends(&server).await;
    let mut there = bo.socket(&server).await;
    there.event("connected").await;
    drop(ana.socket(&server).await);
    let offline = async |socket: &mut crate::support::Socket| loop {
        let told = socket.event("contacts_updated").await;
        if told.payload["change"] == "offline" {
            return told.payload["contact"]["last_seen"].clone();
        }
    };
    assert!(offline(&mut there).await.is_string());
    change(&server, &ana, &json!({"shows_last_seen": false})).await;
    let contacts = bo.get(&server, "/api/contacts").await;
    assert_eq!(contacts[0]["last_seen"], Value::Null);
}

#[tokio::test]
async fn who_opts_out_of_search_is_found_by_nobody_new() {
    let server = Server::start().await;
    let (ana, bo) = friends(&server).await;
    let stranger = Person::sign_up(&server, "cy.r").await;
    change(&server, &ana, &json!({"searchable": false})).await;
    let path = format!("/api/users/{}", ana.id);
    for who in [&bo, &stranger] {
        assert_eq!(who.get(&server, "/api/users/search?q=ana").await, json!([]));
    }
    assert_eq!(status_of(&server, &bo, &path).await, 200);
    assert_eq!(status_of(&server, &stranger, &path).await, 404);
    let ask = json!({"user_id": ana.id});
    stranger
        .refused(&server, "/api/friend-requests/send", &ask, Code::NotFound)
        .await;
}

#[tokio::test]
async fn a_block_looks_like_a_removal_by_somebody_who_is_hidden() {
    let server = Server::start().await;
    let (room, (ana, mut here), (mut bo, mut there)) = room_between(&server).await;
    let (me, them) = (
        json!({"user_id": ana.person.id}),
        json!({"user_id": bo.person.id}),
    );
    let block = "/api/contacts/block";
    ana.person.post(&server, block, &them).await;
    ana.person.post(&server, block, &them).await;
    let told = there.event("contacts_updated").await;
    assert_eq!(told.payload["change"], "removed");
    let told: Vec<_> = there
        .settle()
        .await
        .into_iter()
        .map(|event| event.name)
        .collect();
    assert_eq!(told, Vec::<String>::new(), "told once, of a removal alone");
    let (payload, sealed) = bo.seal(room, "hello?");
    there
        .refused("message", &payload, &[&sealed], Code::RoomClosed)
        .await;

    let search = "/api/users/search?q=ana";
    assert_eq!(bo.person.get(&server, search).await, json!([]));
    let found = ana.person.get(&server, "/api/users/search?q=bo.l").await;
    assert_eq!(found[0]["relation"], "blocked");
    for path in ["", "/devices"] {
        let path = format!("/api/users/{}{path}", ana.person.id);
        assert_eq!(status_of(&server, &bo.person, &path).await, 404);
    }
    let ask = "/api/friend-requests/send";
    bo.person.refused(&server, ask, &me, Code::NotFound).await;
    ana.person.refused(&server, ask, &them, Code::Blocked).await;
    drop(here.settle().await);
    drop(there);
    let there = bo.person.socket(&server).await;
    assert!(
        here.settle().await.is_empty(),
        "nothing of coming and going"
    );
    drop(there);

    let blocked = ana.person.get(&server, "/api/contacts/blocked").await;
    assert_eq!(blocked[0]["username"], "bo.l");
    assert_eq!(
        bo.person.get(&server, "/api/contacts/blocked").await,
        json!([])
    );
    ana.person
        .post(&server, "/api/contacts/unblock", &them)
        .await;
    ana.person
        .refused(&server, "/api/contacts/unblock", &them, Code::NotFound)
        .await;
    assert_eq!(bo.person.get(&server, search).await[0]["relation"], "none");
    bo.person.post(&server, ask, &me).await;
}

#[tokio::test]
async fn a_block_ends_requests_either_way_without_a_word() {
    let server = Server::start().await;
    let ana = Person::sign_up(&server, "ana").await;
    let bo = Person::sign_up(&server, "bo.l").await;
    let (me, them) = (json!({"user_id": ana.id}), json!({"user_id": bo.id}));
    let pending = "/api/friend-requests/pending";
    for (asker, asked) in [(&bo, &me), (&ana, &them)] {
        let sent = asker
            .post(&server, "/api/friend-requests/send", asked)
            .await;
        ana.post(&server, "/api/contacts/block", &them).await;
        for who in [&ana, &bo] {
            let none = json!({"incoming": [], "outgoing": []});
            assert_eq!(who.get(&server, pending).await, none);
        }
        let late = json!({"request_id": sent["request_id"]});
        for who in [&ana, &bo] {
            who.refused(
                &server,
                "/api/friend-requests/accept",
                &late,
                Code::NotFound,
            )
            .await;
        }
        ana.post(&server, "/api/contacts/unblock", &them).await;
    }
    ana.refused(&server, "/api/contacts/block", &me, Code::InvalidBody)
        .await;
    let nobody = json!({"user_id": uuid::Uuid::now_v7()});
    ana.refused(&server, "/api/contacts/block", &nobody, Code::NotFound)
        .await;
}

#[tokio::test]
async fn a_request_and_a_block_race_to_no_contact() {
    let server = Server::start().await;
    let (ana, bo) = (
        Person::sign_up(&server, "ana").await,
        Person::sign_up(&server, "bo.l").await,
    );
    let (me, them) = (json!({"user_id": ana.id}), json!({"user_id": bo.id}));
    let sent = bo.post(&server, "/api/friend-requests/send", &me).await;
    let answer = json!({"request_id": sent["request_id"]});
    let accept = ana.call(
        &server,
        Method::POST,
        "/api/friend-requests/accept",
        Some(&answer),
    );
    let block = ana.post(&server, "/api/contacts/block", &them);
    tokio::join!(accept, block);
    assert_eq!(ana.get(&server, "/api/contacts").await, json!([]));
}
