//! What people keep for themselves: history, recovery and vault.

use base64::{Engine, engine::general_purpose::STANDARD};
use protocol::{Code, limits};
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{Device, Person, Server, friends, refused, room_between};

fn entries(seqs: impl IntoIterator<Item = u64>, text: &str) -> Value {
    seqs.into_iter()
        .map(|seq| json!({"seq": seq, "blob": STANDARD.encode(format!("{text} {seq}"))}))
        .collect()
}

fn places(page: &Value) -> Vec<u64> {
    let entries = page.as_array().unwrap().iter();
    entries
        .map(|entry| entry["seq"].as_u64().unwrap())
        .collect()
}

async fn keep(server: &Server, who: &Person, room: Uuid, entries: Value) -> Value {
    let body = json!({"room_id": room, "entries": entries});
    who.post(server, "/api/archive", &body).await["stored"].clone()
}

#[tokio::test]
async fn a_history_is_kept_and_paged_and_goes_with_the_contact() {
    let server = Server::start().await;
    let (room, (mut ana, mut here), (bo, _there)) = room_between(&server).await;
    for n in 0..60 {
        ana.say(&mut here, room, &n.to_string()).await;
    }
    let (me, path) = (&ana.person, "/api/archive");
    assert_eq!(keep(&server, me, room, entries(2..=60, "first")).await, 59);
    assert_eq!(
        keep(&server, me, room, entries(59..=61, "second")).await,
        1,
        "the first wins"
    );
    let again = json!({"room_id": room, "replace": true, "entries": entries([2], "edited")});
    assert_eq!(me.post(&server, path, &again).await["stored"], 1);
    let load = format!("{path}?room_id={room}");
    let page = me.get(&server, &load).await;
    assert_eq!(places(&page["entries"]), (12..=61).collect::<Vec<_>>());
    assert_eq!(page["has_more"], true);
    let page = me
        .get(&server, &format!("{load}&before_seq=12&limit=10"))
        .await;
    assert_eq!(places(&page["entries"]), (2..=11).collect::<Vec<_>>());
    assert_eq!(page["has_more"], false);
    assert_eq!(page["entries"][0]["blob"], STANDARD.encode("edited 2"));
    assert_eq!(
        places(&bo.person.get(&server, &load).await["entries"]),
        [0_u64; 0]
    );

    // The conversation shows both, and to a device that is not in the room the archive alone.
    let ask = json!({"room_id": room, "before_seq": 40});
    let page = here.ask("load_conversation", &ask, &[]).await;
    assert_eq!(places(&page["messages"]), (1..=39).collect::<Vec<_>>());
    assert_eq!(places(&page["archive"]), (2..=39).collect::<Vec<_>>());

    // Places that I could not read, and others' rooms.
    for (who, seqs) in [(me, 61..=62), (me, 0..=0), (&bo.person, 1..=1)] {
        let body = json!({"room_id": room, "entries": entries(seqs, "x")});
        who.refused(&server, path, &body, Code::NotAMember).await;
    }
    let body = json!({"room_id": Uuid::now_v7(), "entries": []});
    me.refused(&server, path, &body, Code::NotAMember).await;

    keep(&server, &bo.person, room, entries([2], "Bo's own")).await;
    let parting = json!({"user_id": bo.person.id});
    me.post(&server, "/api/contacts/remove", &parting).await;
    assert_eq!(places(&me.get(&server, &load).await["entries"]), [0_u64; 0]);
    assert_eq!(places(&bo.person.get(&server, &load).await["entries"]), [2]);
    // Nor is anything put there from now on, of neither.
    for who in [me, &bo.person] {
        let body = json!({"room_id": room, "entries": entries([3], "late")});
        who.refused(&server, path, &body, Code::NotAMember).await;
    }
    let held: i64 = sqlx::query_scalar("select archive_bytes from users where user_id = $1")
        .bind(me.id)
        .fetch_one(server.pool())
        .await
        .unwrap();
    assert_eq!(held, 0);
}

#[tokio::test]
async fn an_archive_has_limits() {
    let server = Server::start().await;
    let (room, (mut ana, mut here), _bo) = room_between(&server).await;
    for n in 0..3 {
        ana.say(&mut here, room, &n.to_string()).await;
    }
    let (me, path) = (&ana.person, "/api/archive");
    let many = json!({"room_id": room, "entries": entries(1..=101, "x")});
    me.refused(&server, path, &many, Code::InvalidBody).await;
    let twice = json!({"room_id": room, "entries": entries([1, 1], "x")});
    me.refused(&server, path, &twice, Code::InvalidBody).await;
    let sized = |seq: u64, size| {
        let blob = STANDARD.encode(vec![0; size]);
        json!({"room_id": room, "entries": [{"seq": seq, "blob": blob}]})
    };
    let large = sized(2, limits::ARCHIVE_BLOB + 1);
    me.refused(&server, path, &large, Code::BodyTooLarge).await;
    let largest = sized(2, limits::ARCHIVE_BLOB);
    assert_eq!(me.post(&server, path, &largest).await["stored"], 1);
    // Full to the last byte but one.
    sqlx::query("update users set archive_bytes = $1 where user_id = $2")
        .bind(limits::ARCHIVE_QUOTA as i64 - 1)
        .bind(me.id)
        .execute(server.pool())
        .await
        .unwrap();
    me.refused(&server, path, &sized(3, 2), Code::ArchiveFull)
        .await;
    assert_eq!(me.post(&server, path, &sized(3, 1)).await["stored"], 1);
    me.refused(&server, path, &sized(4, 1), Code::ArchiveFull)
        .await;
    // What replaces something by less is always taken.
    let mut less = sized(3, 0);
    less["replace"] = json!(true);
    assert_eq!(me.post(&server, path, &less).await["stored"], 1);
}

#[tokio::test]
async fn a_recovery_bundle_is_replaced_version_by_version() {
    let server = Server::start().await;
    let ana = Person::sign_up(&server, "ana").await.sign_in(&server).await;
    let path = "/api/recovery";
    let put = async |version: u64, size: usize| {
        let bundle = STANDARD.encode(vec![7; size]);
        let body = json!({"version": version, "bundle": bundle});
        ana.call(&server, Method::PUT, path, Some(&body)).await
    };
    let get = async || ana.call(&server, Method::GET, path, None).await;
    refused(get().await, Code::NotFound);
    refused(put(2, 1).await, Code::StaleVersion);
    assert_eq!(put(1, limits::RECOVERY).await.0, 204);
    refused(put(2, limits::RECOVERY + 1).await, Code::BodyTooLarge);
    for version in [0, 1, 3] {
        let problem = refused(put(version, 1).await, Code::StaleVersion);
        assert_eq!(problem.extra["version"], 1);
    }
    // Two devices at once: one of them is told.
    let (one, other) = tokio::join!(put(2, 1), put(2, 2));
    let mut statuses = [one.0, other.0];
    statuses.sort_unstable();
    assert_eq!(statuses, [204, 409]);
    assert_eq!(get().await.1["version"], 2);

    server.let_factors_age().await;
    let problem = refused(get().await, Code::StepUpRequired);
    refused(put(3, 1).await, Code::StepUpRequired);
    ana.step_up(&server, &problem).await;
    assert_eq!(put(3, 1).await.0, 204);
}

#[tokio::test]
async fn that_there_is_a_recovery_key_is_told_without_a_factor() {
    let server = Server::start().await;
    let ana = Person::sign_up(&server, "ana").await.sign_in(&server).await;
    Device::register(&server, &ana).await;
    let told = async |who: &Person| who.get(&server, "/api/me").await["recovery"].clone();
    let put = async |who: &Person, version: u64| {
        let body = json!({"version": version, "bundle": STANDARD.encode([7; 9])});
        let path = "/api/recovery";
        who.call(&server, Method::PUT, path, Some(&body)).await.0
    };
    assert_eq!(told(&ana).await, Value::Null);
    assert_eq!(put(&ana, 1).await, 204);
    server.let_factors_age().await;
    let stands = told(&ana).await;
    assert_eq!(stands["version"], 1);
    assert!(stands["stored_at"].is_string() && stands["bundle"].is_null());

    // Who starts over has no recovery key, though the bundle of before is kept.
    let fresh = ana.sign_in(&server).await;
    let (_, mut body) = Device::make(&fresh, 1);
    body["reset"] = json!(true);
    fresh.post(&server, "/api/keys", &body).await;
    assert_eq!(told(&fresh).await, Value::Null);
    let kept = fresh.get(&server, "/api/recovery").await;
    assert_eq!(kept["version"], 1);
    assert_eq!(put(&fresh, 2).await, 204);
    assert_eq!(told(&fresh).await["version"], 2);
}

#[tokio::test]
async fn a_vault_is_replaced_version_by_version_and_asks_for_no_factor() {
    let server = Server::start().await;
    let (ana, bo) = friends(&server).await;
    let body = json!({"version": 1, "blob": ""});
    let deviceless = ana.call(&server, Method::PUT, "/api/vault", Some(&body));
    refused(deviceless.await, Code::DeviceRequired);
    Device::register(&server, &ana).await;
    sqlx::query("update sessions set factor_at = null")
        .execute(server.pool())
        .await
        .unwrap();
    let path = "/api/vault";
    let put = async |version: u64, size: usize| {
        let blob = STANDARD.encode(vec![7; size]);
        let body = json!({"version": version, "blob": blob});
        ana.call(&server, Method::PUT, path, Some(&body)).await
    };
    let get = async |who: &Person| who.call(&server, Method::GET, path, None).await;
    refused(get(&ana).await, Code::NotFound);
    let problem = refused(put(0, 1).await, Code::StaleVersion);
    assert_eq!(problem.extra["version"], 0);
    assert_eq!(put(1, limits::VAULT).await.0, 204);
    refused(put(2, limits::VAULT + 1).await, Code::BodyTooLarge);
    for version in [0, 1, 1 << 53, u64::MAX] {
        let problem = refused(put(version, 1).await, Code::StaleVersion);
        assert_eq!(problem.extra["version"], 1);
    }
    // Two devices at once: one of them is told, reads the other's and goes on from there.
    let (one, other) = tokio::join!(put(2, 1), put(2, 2));
    let mut statuses = [one.0, other.0];
    statuses.sort_unstable();
    assert_eq!(statuses, [204, 409]);
    // A device that knows of more than a server that was set back goes on from what it knows.
    assert_eq!(put(9, 3).await.0, 204);
    refused(put(3, 1).await, Code::StaleVersion);
    let (status, vault) = get(&ana).await;
    assert_eq!((status, &vault["version"]), (200, &json!(9)));
    assert_eq!(vault["blob"], STANDARD.encode([7; 3]));
    refused(get(&bo).await, Code::NotFound);
    // What the recovery key opens still does.
    let recovery = ana.call(&server, Method::GET, "/api/recovery", None).await;
    refused(recovery, Code::StepUpRequired);
}

#[tokio::test]
async fn a_body_of_the_vault_has_an_edge() {
    let server = Server::start().await;
    let ana = Person::sign_up(&server, "ana").await;
    Device::register(&server, &ana).await;
    let put = async |version: u64, size: usize| {
        let blob = STANDARD.encode(vec![7; limits::VAULT]);
        let mut body = serde_json::to_vec(&json!({"version": version, "blob": blob})).unwrap();
        body.resize(size, b' ');
        let request = server
            .request(Method::PUT, "/api/vault")
            .bearer_auth(&ana.token)
            .header("content-type", "application/json")
            .body(body);
        request.send().await.unwrap().status()
    };
    assert_eq!(put(1, limits::VAULT_BODY).await, 204);
    assert_eq!(put(2, limits::VAULT_BODY + 1).await, 413);
    assert_eq!(put(2, limits::VAULT_BODY).await, 204);
}

#[tokio::test]
async fn the_other_devices_hear_of_a_vault() {
    let server = Server::start().await;
    let (ana, bo) = friends(&server).await;
    let device = Device::register(&server, &ana).await;
    let other = ana.sign_in(&server).await;
    let (mut mine, mut theirs) = (ana.socket(&server).await, other.socket(&server).await);
    let mut foreign = bo.socket(&server).await;
    let first = device.prove(&mut mine).await;
    assert_eq!(first["vault_version"], 0);
    theirs.event("connected").await;
    let put = async |version: u64| {
        let body = json!({"version": version, "blob": STANDARD.encode("sealed")});
        let reply = ana.call(&server, Method::PUT, "/api/vault", Some(&body));
        reply.await.0
    };
    for (version, status) in [(1, 204), (1, 409), (2, 204)] {
        assert_eq!(put(version).await, status);
    }
    for version in [1, 2] {
        let told = theirs.event("vault_changed").await.payload;
        assert_eq!(told, json!({"version": version}));
    }
    // Neither does whoever wrote it hear of it, nor anybody else.
    for socket in [&mut mine, &mut foreign] {
        let heard = socket.settle().await;
        assert!(heard.iter().all(|event| event.name != "vault_changed"));
    }
    let again = device.prove(&mut ana.socket(&server).await).await;
    assert_eq!(again["vault_version"], 2);
}
