//! Which rooms an archive holds, what is dropped of it, and the switch that stops it.

use base64::{Engine, engine::general_purpose::STANDARD};
use e2ee::AccountKey;
use protocol::Code;
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{Device, Person, Server, group_of, refused, room_between};

const PATH: &str = "/api/archive";

/// An upload of these places, ten bytes each.
fn upload(room: Uuid, seqs: &[u64]) -> Value {
    let blob = STANDARD.encode([7; 10]);
    let entry = |seq: &u64| json!({"seq": seq, "blob": blob});
    let entries: Vec<Value> = seqs.iter().map(entry).collect();
    json!({"room_id": room, "entries": entries, "replace": true})
}

/// What is counted for a person, and what there is.
async fn bytes(server: &Server, who: &Person) -> (i64, i64) {
    sqlx::query_as(
        "select archive_bytes,
           (select coalesce(sum(octet_length(blob)), 0) from archive a where a.user_id = u.user_id)
         from users u where user_id = $1",
    )
    .bind(who.id)
    .fetch_one(server.pool())
    .await
    .unwrap()
}

#[tokio::test]
async fn rooms_are_told_when_they_were_left_and_when_they_are_gone() {
    let server = Server::start().await;
    let (group, mut members) = group_of(&server, &["bo.l", "ana"]).await;
    let [bo, ana] = &mut members[..] else {
        unreachable!()
    };
    ana.say(group, "to all").await;
    let (me, other) = (ana.device.person.clone(), bo.device.person.clone());
    let (direct, payload, parts) = ana.device.new_room(&server, &other).await;
    let parts: Vec<&[u8]> = parts.iter().map(Vec::as_slice).collect();
    ana.socket.ask("create_room", &payload, &parts).await;
    ana.device.client.merge_own(direct).unwrap();
    for text in ["to you", "alone"] {
        ana.device.say(&mut ana.socket, direct, text).await;
    }
    let rooms = async || me.get(&server, "/api/archive/rooms").await;
    assert_eq!(rooms().await, json!([]));
    me.post(&server, PATH, &upload(group, &[2])).await;
    me.post(&server, PATH, &upload(direct, &[3, 2])).await;
    let pair = json!({
        "room_id": direct, "kind": "direct", "peer": other.id, "entries": 2, "last_seq": 3,
    });
    let all = |group: Value| {
        // In the order of their ids, and so of their age.
        json!([group, pair])
    };
    let whole = json!({"room_id": group, "kind": "group", "entries": 1, "last_seq": 2});
    assert_eq!(rooms().await, all(whole.clone()));
    assert_eq!(other.get(&server, "/api/archive/rooms").await, json!([]));

    let leave = format!("/api/rooms/{group}/leave");
    me.post(&server, &leave, &Value::Null).await;
    let parting = json!({"user_id": me.id});
    other.post(&server, "/api/contacts/remove", &parting).await;
    assert_eq!(rooms().await, all(whole));
    other.post(&server, &leave, &Value::Null).await;
    let gone = json!({"room_id": group, "entries": 1, "last_seq": 2});
    assert_eq!(rooms().await, all(gone.clone()));

    let forget = async |query: String| {
        let path = format!("{PATH}{query}");
        me.call(&server, Method::DELETE, &path, None).await
    };
    server.let_factors_age().await;
    let asked = refused(forget(String::new()).await, Code::StepUpRequired);
    assert_eq!(bytes(&server, &me).await, (30, 30));
    me.step_up(&server, &asked).await;
    assert_eq!(bytes(&server, &me).await, (30, 30));
    for _ in 0..2 {
        assert_eq!(forget(format!("?room_id={direct}")).await.0, 204);
        assert_eq!(rooms().await, json!([gone]));
        assert_eq!(bytes(&server, &me).await, (10, 10));
    }
    refused(forget("?room=all".to_owned()).await, Code::InvalidBody);
    assert_eq!(forget(String::new()).await.0, 204);
    assert_eq!(rooms().await, json!([]));
    assert_eq!(bytes(&server, &me).await, (0, 0));
}

#[tokio::test]
async fn an_archive_that_is_off_takes_nothing_from_any_device() {
    let server = Server::start().await;
    let (room, (mut ana, mut here), _bo) = room_between(&server).await;
    for n in 0..2 {
        ana.say(&mut here, room, &n.to_string()).await;
    }
    let me = &ana.person;
    let other = me.sign_in(&server).await;
    assert_eq!(me.get(&server, "/api/me").await["archives"], true);
    me.post(&server, PATH, &upload(room, &[2])).await;
    let switch = async |on: bool| {
        let body = json!({"archives": on});
        let (status, changed) = me
            .call(&server, Method::PATCH, "/api/me", Some(&body))
            .await;
        assert_eq!((status, &changed["archives"]), (200, &json!(on)));
    };
    switch(false).await;
    // A session that has proved no device takes no part, whatever the switch says.
    let body = upload(room, &[3]);
    other
        .refused(&server, PATH, &body, Code::DeviceRequired)
        .await;
    let account = AccountKey::from_bytes(&ana.account.to_bytes());
    let (_second, body) = Device::under(&other, account, 2, &[ana.id], 1);
    other.post(&server, "/api/keys", &body).await;
    for who in [me, &other] {
        for seqs in [&[3][..], &[2], &[]] {
            let body = upload(room, seqs);
            who.refused(&server, PATH, &body, Code::ArchiveOff).await;
        }
    }
    // What is there stays until it is dropped.
    let load = format!("{PATH}?room_id={room}");
    let page = other.get(&server, &load).await;
    assert_eq!(page["entries"].as_array().unwrap().len(), 1);
    let gone = other.call(&server, Method::DELETE, PATH, None).await;
    assert_eq!(gone.0, 204, "{}", gone.1);
    let name = json!({"name": "Ana"});
    let me_still = other
        .call(&server, Method::PATCH, "/api/me", Some(&name))
        .await;
    assert_eq!(me_still.1["archives"], false, "what is left out stays");
    switch(true).await;
    let stored = other.post(&server, PATH, &upload(room, &[2, 3])).await;
    assert_eq!(stored["stored"], 2);
    assert_eq!(bytes(&server, me).await, (20, 20));
}

#[tokio::test]
async fn what_is_kept_and_dropped_at_once_is_counted_right() {
    let server = Server::start().await;
    let (room, (mut ana, mut here), _bo) = room_between(&server).await;
    for n in 0..10 {
        ana.say(&mut here, room, &n.to_string()).await;
    }
    let (me, seqs) = (&ana.person, (2..=11).collect::<Vec<u64>>());
    let body = upload(room, &seqs);
    server.let_factors_age().await;
    let asked = me.call(&server, Method::DELETE, PATH, None).await;
    let asked = refused(asked, Code::StepUpRequired);
    me.step_up(&server, &asked).await;
    for _ in 0..20 {
        let (kept, dropped, kept_too) = tokio::join!(
            me.call(&server, Method::POST, PATH, Some(&body)),
            me.call(&server, Method::DELETE, PATH, None),
            me.call(&server, Method::POST, PATH, Some(&body)),
        );
        assert_eq!((kept.0, dropped.0, kept_too.0), (200, 204, 200));
        let (counted, held) = bytes(&server, me).await;
        assert_eq!(counted, held);
    }
}

#[tokio::test]
async fn who_comes_back_into_a_room_may_keep_what_was_before() {
    let server = Server::start().await;
    let (room, mut members) = group_of(&server, &["bo.l", "ana"]).await;
    let [bo, ana] = &mut members[..] else {
        unreachable!()
    };
    for text in ["one", "two"] {
        bo.say(room, text).await;
        ana.reads(room, text).await;
    }
    let me = ana.device.person.clone();
    let keep = async |seqs: &[u64]| {
        let body = upload(room, seqs);
        me.call(&server, Method::POST, PATH, Some(&body)).await.0
    };
    assert_eq!(keep(&[2, 3]).await, 200);
    // By an external commit, its place is a new one.
    assert_eq!(ana.rejoin(&server, room).await["ok"], true);
    assert_eq!(keep(&[2, 3, 4]).await, 200);
    assert_eq!(keep(&[1]).await, 403, "from before the first time");
    // Let in again after she left.
    bo.hear(room).await;
    let removal = bo.commit(room, &[], &[ana.device.id]);
    bo.push(room, removal).await;
    assert_eq!(keep(&[2, 5]).await, 200);
    let packages = bo.device.claim(&server, me.id).await;
    let again = bo.commit(room, &packages, &[]);
    bo.push(room, again).await;
    assert_eq!(keep(&[2, 6]).await, 200);
    assert_eq!(keep(&[7]).await, 403, "beyond the end");
}
