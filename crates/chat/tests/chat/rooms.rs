//! Rooms and commits: made once, changed in order, entered by welcome.

use protocol::Code;
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{Device, Person, Server, bytes, friends, group_of, refused, room_between};

fn slices(parts: &[Vec<u8>]) -> Vec<&[u8]> {
    parts.iter().map(Vec::as_slice).collect()
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
        e2ee::Opened::Application(b"before it has joined".to_vec().into())
    );
    second.say(&mut third, room, "hello").await;
    assert_eq!(here.event("new_message").await.payload["seq"], 2);
}

#[tokio::test]
async fn a_direct_room_is_given_up_for_another() {
    let server = Server::start().await;
    let (room, (mut ana, mut here), (bo, mut there)) = room_between(&server).await;
    let close = async |who: &Person, room: Uuid| {
        let path = format!("/api/rooms/{room}/close");
        who.call(&server, Method::POST, &path, None).await
    };
    let stranger = Person::sign_up(&server, "cleo").await;
    refused(close(&stranger, room).await, Code::NotAMember);
    refused(close(&stranger, Uuid::now_v7()).await, Code::NotAMember);
    ana.say(&mut here, room, "before it went wrong").await;
    for _ in 0..2 {
        let closed = close(&ana.person, room).await;
        assert_eq!(closed.0, 204, "{}", closed.1);
    }
    for socket in [&mut here, &mut there] {
        let mut told = socket.event("contacts_updated").await.payload;
        while told["change"] != "keys" {
            told = socket.event("contacts_updated").await.payload;
        }
        assert_eq!(told["contact"]["room_id"], Value::Null);
    }
    let (payload, sealed) = ana.seal(room, "too late");
    here.refused("message", &payload, &[&sealed], Code::RoomClosed)
        .await;
    // What was said is still delivered, and the two are contacts as before.
    let mut there = bo.connect(&server).await;
    let page = there.ask("sync", &json!({"cursors": {}}), &[]).await;
    assert_eq!(page["envelopes"][0]["seq"], 2);
    let (_, payload, parts) = ana.new_room(&server, &bo.person).await;
    here.ask("create_room", &payload, &slices(&parts)).await;
    there.event("welcome").await;
}

#[tokio::test]
async fn a_group_is_left_and_not_given_up() {
    let server = Server::start().await;
    let (room, members) = group_of(&server, &["ana", "bo.l"]).await;
    let path = format!("/api/rooms/{room}/close");
    for member in &members {
        let person = &member.device.person;
        let problem = refused(
            person.call(&server, Method::POST, &path, None).await,
            Code::Policy,
        );
        assert_eq!(problem.extra["rule"], "group-room");
    }
}
