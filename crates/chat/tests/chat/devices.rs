//! A person's devices: their names, their sessions, and how one is shut out.

use e2ee::AccountKey;
use protocol::{Code, limits};
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{Device, Person, Server, friends, refused, room_between};

const LIST: &str = "/api/devices/list";

/// A second device of the same person, in a session of its own.
async fn second_device(server: &Server, first: &Device) -> Device {
    let person = first.person.sign_in(server).await;
    let account = AccountKey::from_bytes(&first.account.to_bytes());
    let (device, body) = Device::under(&person, account, 2, &[first.id], 1);
    person.post(server, "/api/keys", &body).await;
    device
}

#[tokio::test]
async fn a_device_gets_another_name_from_its_owner_alone() {
    let server = Server::start().await;
    let (ana, bo) = friends(&server).await;
    let device = Device::register(&server, &ana).await;
    let path = format!("/api/devices/{}", device.id);
    let rename = async |who: &Person, body: &Value| {
        who.call(&server, Method::PATCH, &path, Some(body)).await
    };
    let (status, renamed) = rename(&ana, &json!({"name": " Old laptop "})).await;
    assert_eq!((status, &renamed["name"]), (200, &json!("Old laptop")));
    let mine = ana
        .get(&server, &format!("/api/users/{}/devices", ana.id))
        .await;
    assert_eq!(mine["devices"][0], renamed);

    let longest = json!({"name": "é".repeat(limits::NAME_MAX)});
    assert_eq!(rename(&ana, &longest).await.0, 200);
    for (wrong, reason) in [
        (
            json!({"name": "x".repeat(limits::NAME_MAX + 1)}),
            "too-long",
        ),
        (json!({"name": "  "}), "required"),
        (json!({"name": "a\u{202e}b"}), "format"),
    ] {
        let problem = refused(rename(&ana, &wrong).await, Code::InvalidBody);
        assert_eq!(problem.errors[0].code, reason);
    }
    refused(
        rename(&ana, &json!({"name": "x", "device_id": device.id})).await,
        Code::InvalidBody,
    );
    refused(rename(&bo, &longest).await, Code::NotFound);
    let second = ana.sign_in(&server).await;
    let list = device.list(2, &[], &[device.id]);
    let reply = second.call(&server, Method::PUT, LIST, Some(&list)).await;
    assert_eq!(reply.0, 204, "{}", reply.1);
    refused(rename(&second, &longest).await, Code::NotFound);
}

#[tokio::test]
async fn a_session_tells_its_device() {
    let server = Server::start().await;
    let ana = Person::sign_up(&server, "ana").await;
    let device = Device::register(&server, &ana).await;
    let other = ana.sign_in(&server).await;
    let own = async |current: bool| {
        let all = other.get(&server, "/api/sessions").await;
        let mut all = all.as_array().unwrap().iter();
        all.find(|one| one["current"] == current).unwrap().clone()
    };
    assert_eq!(own(false).await["device_id"], device.id.to_string());
    assert_eq!(own(true).await.get("device_id"), None);
    // A session that proves a device is that device's from then on.
    let mut socket = other.socket(&server).await;
    device.prove(&mut socket).await;
    assert_eq!(own(true).await["device_id"], device.id.to_string());
}

#[tokio::test]
async fn a_list_that_revokes_needs_a_fresh_factor() {
    let server = Server::start().await;
    let ana = Person::sign_up(&server, "ana").await;
    let first = Device::register(&server, &ana).await;
    let second = second_device(&server, &first).await;
    let mut socket = second.connect(&server).await;
    let put = async |list: &Value| ana.call(&server, Method::PUT, LIST, Some(list)).await;
    server.let_factors_age().await;
    // As long as nobody is shut out, the account key's signature is enough.
    let newer = first.list(3, &[second.id, first.id], &[Uuid::now_v7()]);
    let reply = put(&newer).await;
    assert_eq!(reply.0, 204, "{}", reply.1);

    let without = first.list(4, &[first.id], &[second.id]);
    refused(put(&without).await, Code::StepUpRequired);
    // Neither does it work by the way of a further device.
    let fresh = ana.sign_in(&server).await;
    server.let_factors_age().await;
    let account = AccountKey::from_bytes(&first.account.to_bytes());
    let (third, mut body) = Device::under(&fresh, account, 4, &[first.id], 1);
    let list = first.list(4, &[first.id, third.id], &[second.id]);
    body["device_list"] = list["device_list"].clone();
    fresh
        .refused(&server, "/api/keys", &body, Code::StepUpRequired)
        .await;
    let path = format!("/api/users/{}/devices", ana.id);
    let listed = ana.get(&server, &path).await;
    assert_eq!(listed["devices"].as_array().unwrap().len(), 2);
    socket.ask("sync", &json!({"cursors": {}}), &[]).await;

    let problem = refused(put(&without).await, Code::StepUpRequired);
    ana.step_up(&server, &problem).await;
    let reply = put(&without).await;
    assert_eq!(reply.0, 204, "{}", reply.1);
    socket.closed_as_revoked(second.id).await;
    refused(put(&without).await, Code::StaleDeviceList);
}

#[tokio::test]
async fn a_device_is_revoked_with_a_list_or_without() {
    let server = Server::start().await;
    let ana = Person::sign_up(&server, "ana").await;
    let first = Device::register(&server, &ana).await;
    let second = second_device(&server, &first).await;
    let mut socket = second.connect(&server).await;
    let remove = async |who: &Person, id: Uuid| {
        let path = format!("/api/devices/{id}");
        who.call(&server, Method::DELETE, &path, None).await
    };
    let reported = async |who: &Person| {
        let path = format!("/api/users/{}/devices", who.id);
        let reply = who.call(&server, Method::GET, &path, None).await;
        reply.1["reported"].clone()
    };
    let fresh = ana.sign_in(&server).await;
    let unknown = Uuid::now_v7();
    refused(remove(&fresh, unknown).await, Code::NotFound);

    // By the list: the server has nothing of its own to say.
    let list = first.list(3, &[first.id], &[second.id, unknown]);
    let reply = fresh.call(&server, Method::PUT, LIST, Some(&list)).await;
    assert_eq!(reply.0, 204, "{}", reply.1);
    socket.closed_as_revoked(second.id).await;
    for _ in 0..2 {
        assert_eq!(remove(&fresh, second.id).await.0, 204);
    }
    assert_eq!(reported(&fresh).await, Value::Null);
    refused(remove(&fresh, unknown).await, Code::NotFound);
    server.let_factors_age().await;
    refused(remove(&fresh, second.id).await, Code::StepUpRequired);

    // Without one: at once, and told as the server's word.
    let anew = ana.sign_in(&server).await;
    let mut socket = first.connect(&server).await;
    for _ in 0..2 {
        assert_eq!(remove(&anew, first.id).await.0, 204);
    }
    socket.closed_as_revoked(first.id).await;
    assert_eq!(reported(&anew).await, json!([first.id]));

    // What went with older keys is named by nobody.
    let (_third, mut body) = Device::make(&anew, 1);
    body["reset"] = json!(true);
    anew.post(&server, "/api/keys", &body).await;
    refused(remove(&anew, second.id).await, Code::NotFound);
}

#[tokio::test]
async fn a_session_takes_its_own_device_along_without_a_factor() {
    let server = Server::start().await;
    let ana = Person::sign_up(&server, "ana").await;
    let first = Device::register(&server, &ana).await;
    let second = second_device(&server, &first).await;
    let third = {
        let person = first.person.sign_in(&server).await;
        let account = AccountKey::from_bytes(&first.account.to_bytes());
        let (device, body) = Device::under(&person, account, 3, &[first.id, second.id], 1);
        person.post(&server, "/api/keys", &body).await;
        device
    };
    server.let_factors_age().await;
    let remove = async |by: &Device, id: Uuid| {
        let path = format!("/api/devices/{id}");
        by.person.call(&server, Method::DELETE, &path, None).await
    };
    refused(remove(&second, first.id).await, Code::StepUpRequired);
    let mut socket = second.connect(&server).await;
    assert_eq!(remove(&second, second.id).await.0, 204);
    socket.event("device_revoked").await;
    socket.closed().await;

    // With a list that the account key signed it is the same, and no other goes with it.
    let put = async |list: &Value| {
        third
            .person
            .call(&server, Method::PUT, LIST, Some(list))
            .await
    };
    let both = first.list(4, &[], &[first.id, second.id, third.id]);
    refused(put(&both).await, Code::StepUpRequired);
    let own = first.list(4, &[first.id], &[second.id, third.id]);
    let reply = put(&own).await;
    assert_eq!(reply.0, 204, "{}", reply.1);
    let path = format!("/api/users/{}/devices", ana.id);
    let listed = ana.get(&server, &path).await;
    assert_eq!(listed["devices"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn an_operator_shuts_a_reported_device_out() {
    let server = Server::start().await;
    let (_room, (ana, mut here), (bo, mut there)) = room_between(&server).await;
    let other = bo.person.sign_in(&server).await;
    let mut watching = other.socket(&server).await;
    let id = bo.id.to_string();
    let listed = server
        .operate(&["devices", "list", "bo.l", "--json"])
        .await
        .unwrap();
    let listed: Value = serde_json::from_str(&listed).unwrap();
    assert_eq!(listed["device_id"], id);
    let told = server.operate(&["devices", "list", "bo.l"]).await.unwrap();
    assert!(told.starts_with(&id) && told.contains("Test"), "{told}");
    for who in ["ana", "nobody"] {
        let wrong = ["devices", "revoke", who, &id];
        assert!(server.operate(&wrong).await.is_err());
    }

    server
        .operate(&["devices", "revoke", "bo.l", &id])
        .await
        .unwrap();
    there.closed_as_revoked(bo.id).await;
    let revoked = watching.event("device_revoked").await;
    assert_eq!(revoked.payload["device_id"], id);
    while here.event("contacts_updated").await.payload["change"] != "keys" {}
    let wanted = here.event("commit_wanted").await;
    assert_eq!(wanted.payload["remove"], json!([id]));
    // It is the server's word, and told as such: the signed list still has the device.
    let path = format!("/api/users/{}/devices", bo.person.id);
    let seen = ana.person.get(&server, &path).await;
    assert_eq!(seen["reported"], json!([id]));
    assert_eq!(seen["devices"], json!([]));
    assert!(
        server
            .operate(&["devices", "revoke", "bo.l", &id])
            .await
            .is_err()
    );
    let noted: i64 = sqlx::query_scalar(
        "select count(*) from audit
         where action = 'device-revoked' and subject = $1 and address = 'operator'",
    )
    .bind(bo.person.id)
    .fetch_one(server.pool())
    .await
    .unwrap();
    assert_eq!(noted, 1);

    // Its owner follows by a list that nobody need be asked for.
    server.let_factors_age().await;
    let list = bo.list(2, &[], &[bo.id]);
    let reply = other.call(&server, Method::PUT, LIST, Some(&list)).await;
    assert_eq!(reply.0, 204, "{}", reply.1);
}
