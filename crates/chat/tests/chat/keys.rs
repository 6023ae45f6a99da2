//! Keys and devices: what is registered, refused, reset and handed out.

use base64::{Engine, engine::general_purpose::STANDARD};
use e2ee::AccountKey;
use protocol::{Code, Problem, rest::keys::RefusedKey};
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{Device, Person, Server, friends, refused, room_between};

fn reasons(problem: &Problem) -> Vec<(String, String)> {
    let keys: Vec<RefusedKey> = problem.member("keys").unwrap();
    keys.into_iter().map(|key| (key.key, key.reason)).collect()
}

async fn devices(server: &Server) -> i64 {
    sqlx::query_scalar("select count(*) from devices")
        .fetch_one(server.pool())
        .await
        .unwrap()
}

#[tokio::test]
async fn bad_keys_are_refused_with_a_reason_and_nothing_is_stored() {
    let server = Server::start().await;
    let ana = Person::sign_up(&server, "ana").await;
    let bo = Person::sign_up(&server, "bo.l").await;
    let (_, good) = Device::make(&ana, 2);
    let (_, foreign) = Device::make(&bo, 1);
    let (_, other) = Device::make(&ana, 1);
    let last = good["last_resort"].clone();
    let with = |field: &str, value: Value| {
        let mut body = good.clone();
        match field {
            "credential" => body["device"]["credential"] = value,
            field => body[field] = value,
        }
        body
    };
    let zeros = json!(STANDARD.encode([0_u8; 32]));
    for (field, value, key, reason) in [
        ("account_key", json!("AAAA"), "account_key", "malformed"),
        ("account_key", zeros, "account_key", "weak-key"),
        (
            "account_key",
            other["account_key"].clone(),
            "device_list",
            "bad-signature",
        ),
        ("device_list", json!("AAAA"), "device_list", "malformed"),
        ("credential", json!("AAAA"), "credential", "malformed"),
        (
            "credential",
            other["device"]["credential"].clone(),
            "credential",
            "wrong-account-key",
        ),
        (
            "credential",
            foreign["device"]["credential"].clone(),
            "credential",
            "wrong-user",
        ),
        (
            "key_packages",
            json!(["AAAA"]),
            "key_packages[0]",
            "malformed",
        ),
        (
            "key_packages",
            other["key_packages"].clone(),
            "key_packages[0]",
            "wrong-device",
        ),
        (
            "key_packages",
            json!([last]),
            "key_packages[0]",
            "last-resort",
        ),
        (
            "last_resort",
            good["key_packages"][0].clone(),
            "last_resort",
            "last-resort",
        ),
    ] {
        let problem = ana
            .refused(&server, "/api/keys", &with(field, value), Code::InvalidKey)
            .await;
        let found = reasons(&problem);
        assert!(
            found.contains(&(key.to_owned(), reason.to_owned())),
            "{field}: {found:?}"
        );
    }
    assert_eq!(devices(&server).await, 0);
    let twice = json!([good["key_packages"][0], good["key_packages"][0]]);
    let problem = ana
        .refused(
            &server,
            "/api/keys",
            &with("key_packages", twice),
            Code::InvalidKey,
        )
        .await;
    assert_eq!(
        reasons(&problem),
        [("key_packages[1]".to_owned(), "used-before".to_owned())]
    );
    assert_eq!(
        devices(&server).await,
        0,
        "nothing of a refused request stays"
    );

    ana.post(&server, "/register/key", &good).await;
    // The reply was lost: the same request again is no fault.
    ana.post(&server, "/api/keys", &good).await;
    assert_eq!(devices(&server).await, 1);
    let path = format!("/api/users/{}/devices", ana.id);
    let mine = ana.get(&server, &path).await;
    assert_eq!(mine["account_key"], good["account_key"]);
    assert_eq!(mine["devices"][0]["name"], "Test");
    let seen = bo.get(&server, &path).await;
    assert!(
        seen["devices"][0].get("name").is_none(),
        "names are their owner's"
    );
}

#[tokio::test]
async fn a_second_device_needs_a_newer_list_that_holds_it() {
    let server = Server::start().await;
    let ana = Person::sign_up(&server, "ana").await;
    let first = Device::register(&server, &ana).await;
    let account = || AccountKey::from_bytes(&first.account.to_bytes());
    let second = ana.sign_in(&server).await;
    let (_, stale) = Device::under(&second, account(), 1, &[first.id], 1);
    second
        .refused(&server, "/api/keys", &stale, Code::StaleDeviceList)
        .await;
    let (_, silent) = Device::under(&second, account(), 2, &[], 1);
    second
        .refused(&server, "/api/keys", &silent, Code::StaleDeviceList)
        .await;
    let many: Vec<Uuid> = (0..20).map(|_| Uuid::now_v7()).chain([first.id]).collect();
    let (_, many) = Device::under(&second, account(), 2, &many, 1);
    second
        .refused(&server, "/api/keys", &many, Code::TooManyDevices)
        .await;

    let mut socket = first.connect(&server).await;
    let (device, body) = Device::under(&second, account(), 2, &[first.id], 1);
    second.post(&server, "/api/keys", &body).await;
    let told = socket.event("device_added").await;
    assert_eq!(told.payload["device_id"], device.id.to_string());

    // A newer list revokes the first device: it is out at once.
    let body = first.list(3, &[device.id], &[first.id]);
    let path = "/api/devices/list";
    assert_eq!(
        second.call(&server, Method::PUT, path, Some(&body)).await.0,
        204
    );
    socket.closed().await;
    refused(
        second.call(&server, Method::PUT, path, Some(&body)).await,
        Code::StaleDeviceList,
    );
    refused(
        ana.call(&server, Method::GET, "/api/me", None).await,
        Code::SessionEnded,
    );
}

#[tokio::test]
async fn new_keys_need_a_fresh_factor_and_end_what_was() {
    let server = Server::start().await;
    let (room, (ana, mut here), (bo, mut there)) = room_between(&server).await;
    let fresh = ana.person.sign_in(&server).await;
    let (device, mut body) = Device::make(&fresh, 1);
    fresh
        .refused(&server, "/api/keys", &body, Code::AccountKeyExists)
        .await;
    body["reset"] = json!(true);
    server.let_factors_age().await;
    let problem = fresh
        .refused(&server, "/api/keys", &body, Code::StepUpRequired)
        .await;
    assert_eq!(problem.extra["methods"], json!(["totp"]));
    // Given in another session, the factor counts for nothing.
    let answer = json!({
        "challenge_id": problem.extra["challenge_id"], "method": "totp",
        "code": crate::support::TOTP_CODE,
    });
    ana.person
        .refused(&server, "/api/step-up", &answer, Code::ChallengeExpired)
        .await;
    let problem = fresh
        .refused(&server, "/api/keys", &body, Code::StepUpRequired)
        .await;
    fresh.step_up(&server, &problem).await;
    fresh.post(&server, "/api/keys", &body).await;

    here.closed_as_revoked(ana.id).await;
    let told = there.event("contacts_updated").await;
    assert_eq!(
        (&told.payload["change"], &told.payload["contact"]["room_id"]),
        (&json!("keys"), &Value::Null)
    );
    let rooms = bo.person.get(&server, "/api/rooms").await;
    assert_eq!(
        (&rooms[0]["room_id"], &rooms[0]["open"]),
        (&json!(room), &json!(false))
    );
    // The way is free for a new room with the new device.
    let mut bo = bo;
    let (_, payload, parts) = bo.new_room(&server, &fresh).await;
    let parts: Vec<&[u8]> = parts.iter().map(Vec::as_slice).collect();
    there.ask("create_room", &payload, &parts).await;
    let mut socket = device.connect(&server).await;
    socket.event("welcome").await;
}

#[tokio::test]
async fn key_packages_are_handed_out_once_then_the_last_resort() {
    let server = Server::start().await;
    let (ana, bo) = friends(&server).await;
    let one = Device::register(&server, &ana).await;
    let other = Device::register(&server, &bo).await;
    let mut socket = other.connect(&server).await;
    assert_eq!(socket.event("key_packages_low").await.payload["left"], 5);
    let mut seen = Vec::new();
    for _ in 0..5 {
        let claimed = one.claim(&server, bo.id).await;
        assert!(!claimed[0].last_resort());
        seen.push(claimed[0].init_key_hash());
    }
    seen.sort_unstable();
    seen.dedup();
    assert_eq!(seen.len(), 5);
    for _ in 0..2 {
        assert!(one.claim(&server, bo.id).await[0].last_resort());
    }
    let path = format!("/api/key-packages/count?device_id={}", other.id);
    assert_eq!(bo.get(&server, &path).await["count"], 0);
    refused(
        ana.call(&server, Method::GET, &path, None).await,
        Code::NotFound,
    );

    let mut other = other;
    let now = time::OffsetDateTime::now_utc()
        .unix_timestamp()
        .unsigned_abs();
    let more = STANDARD.encode(
        other
            .client
            .key_package(e2ee::Suite::Classic, now, &mut other.rng)
            .unwrap(),
    );
    let body = json!({"device_id": other.id, "key_packages": [more]});
    assert_eq!(
        bo.post(&server, "/api/key-packages", &body).await["count"],
        1
    );
    let problem = bo
        .refused(&server, "/api/key-packages", &body, Code::InvalidKey)
        .await;
    assert_eq!(reasons(&problem)[0].1, "used-before");

    let claim = |user: Uuid, suite: u16| json!({"user_ids": [user], "suite": suite});
    ana.refused(
        &server,
        "/api/key-packages/claim",
        &claim(bo.id, 1),
        Code::InvalidBody,
    )
    .await;
    let stranger = Person::sign_up(&server, "cy.r").await;
    stranger
        .refused(
            &server,
            "/api/key-packages/claim",
            &claim(bo.id, 3),
            Code::NotAContact,
        )
        .await;
}

#[tokio::test]
async fn a_revoked_device_is_out_and_has_to_be_removed() {
    let server = Server::start().await;
    let (room, (mut ana, mut here), (bo, mut there)) = room_between(&server).await;
    let path = format!("/api/devices/{}", bo.id);
    refused(
        ana.person.call(&server, Method::DELETE, &path, None).await,
        Code::NotFound,
    );
    let second = bo.person.sign_in(&server).await;
    let (put, list) = ("/api/devices/list", bo.list(2, &[], &[bo.id]));
    let revoked = second.call(&server, Method::PUT, put, Some(&list)).await;
    assert_eq!(revoked.0, 204, "{}", revoked.1);
    there.closed().await;
    let wanted = here.event("commit_wanted").await;
    assert_eq!(wanted.payload["remove"], json!([bo.id]));
    // Said once more, the old way.
    assert_eq!(
        second.call(&server, Method::DELETE, &path, None).await.0,
        204
    );

    // Another commit is refused as long as it leaves the removal out.
    let update = ana.client.commit(room, &[], &[], &mut ana.rng).unwrap();
    let commit = |group_info: &e2ee::Commit| {
        let parts = vec![group_info.commit.clone(), group_info.group_info.clone()];
        let payload = json!({
            "room_id": room, "client_id": Uuid::now_v7(), "devices": [],
            "commit": crate::support::bytes(0), "group_info": crate::support::bytes(1),
        });
        (payload, parts)
    };
    let (payload, parts) = commit(&update);
    let parts: Vec<&[u8]> = parts.iter().map(Vec::as_slice).collect();
    let problem = here
        .refused("commit", &payload, &parts, Code::RemovalRequired)
        .await;
    assert_eq!(problem.extra["devices"], json!([bo.id]));
    ana.client.discard_own(room).unwrap();
    let removal = ana
        .client
        .commit(room, &[], &[bo.id], &mut ana.rng)
        .unwrap();
    let (payload, parts) = commit(&removal);
    let parts: Vec<&[u8]> = parts.iter().map(Vec::as_slice).collect();
    assert_eq!(here.ask("commit", &payload, &parts).await["epoch"], 2);
}
