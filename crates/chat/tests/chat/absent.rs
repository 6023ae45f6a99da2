//! People of a group whose last device was shut out: the server counts them in, and lets them back.

use e2ee::{AccountKey, Opened, Plan};
use protocol::Code;
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::accounts::stepped_up;
use crate::support::{Device, Member, Person, Server, befriend, group_of, payload};

const LIST: &str = "/api/devices/list";

/// Bo shuts out his only device, from another session of his.
async fn shut_out(server: &Server, member: &Member) -> Person {
    let second = member.device.person.sign_in(server).await;
    let list = member.device.list(2, &[], &[member.device.id]);
    let reply = second.call(server, Method::PUT, LIST, Some(&list)).await;
    assert_eq!(reply.0, 204, "{}", reply.1);
    second
}

/// The next device under the same account key, on a live socket.
async fn next_device(server: &Server, before: &Member, session: &Person) -> Member {
    let account = AccountKey::from_bytes(&before.device.account.to_bytes());
    let (device, mut body) = Device::under(session, account, 3, &[], 3);
    let list = device.list(3, &[device.id], &[before.device.id]);
    body["device_list"] = list["device_list"].clone();
    session.post(server, "/api/keys", &body).await;
    let socket = device.live(server).await;
    Member { device, socket }
}

fn commit(member: &mut Member, room: Uuid, plan: Plan<'_>) -> (Value, Vec<Vec<u8>>) {
    let device = &mut member.device;
    let made = device.client.change(room, plan, &mut device.rng).unwrap();
    payload(room, made)
}

/// The commit that takes out somebody's last leaf, and names them.
fn removal(by: &mut Member, room: Uuid, gone: &Member) -> (Value, Vec<Vec<u8>>) {
    let plan = Plan {
        remove: &[gone.device.id],
        absent: &[gone.device.person.id],
        ..Plan::default()
    };
    commit(by, room, plan)
}

async fn people(server: &Server, person: &Person) -> Option<usize> {
    let rooms = person.get(server, "/api/rooms").await;
    let members = rooms.get(0)?["members"].as_array()?;
    Some(members.len())
}

#[tokio::test]
async fn who_has_no_device_left_belongs_to_the_group_and_comes_back() {
    let server = Server::start().await;
    let (room, mut group) = group_of(&server, &["ana", "bo.l", "cy.r"]).await;
    let [ana, bo, cy] = &mut group[..] else {
        unreachable!()
    };
    let user = bo.device.person.id;
    let session = shut_out(&server, bo).await;
    let wanted = tokio::select! {
        event = ana.socket.event("commit_wanted") => event,
        event = cy.socket.event("commit_wanted") => event,
    };
    assert_eq!(wanted.payload["remove"], json!([bo.device.id]));
    assert_eq!(wanted.payload["absent"], json!([user]));
    let without = cy.commit(room, &[], &[]);
    let problem = cy.push_refused(room, without, Code::RemovalRequired).await;
    assert_eq!(problem.extra["devices"], json!([bo.device.id]));
    assert_eq!(problem.extra["absent"], json!([user]));
    // In the meantime as well.
    assert_eq!(people(&server, &session).await, Some(3));

    let removal = removal(cy, room, bo);
    cy.push(room, removal).await;
    assert!(matches!(ana.hear(room).await, Opened::Commit(_)));
    for person in [&session, &ana.device.person, &cy.device.person] {
        assert_eq!(people(&server, person).await, Some(3));
    }
    let mut back = next_device(&server, bo, &session).await;
    // Cy and Bo know each other of this group alone.
    let packages = cy.device.claim(&server, user).await;
    assert_eq!(packages[0].credential().device, back.device.id);
    let ack = back.rejoin(&server, room).await;
    assert_eq!(ack["ok"], true, "{ack}");
    back.socket.event("message").await;
    for member in [&mut *ana, &mut *cy] {
        assert!(matches!(member.hear(room).await, Opened::Commit(_)));
    }
    back.device.client.take_changes();
    back.say(room, "here again").await;
    ana.reads(room, "here again").await;
    assert_eq!(people(&server, &session).await, Some(3));
    // The device is one like any other: a removal by the admin is one for good.
    let kick = ana.commit(room, &[], &[back.device.id]);
    ana.push(room, kick).await;
    assert_eq!(people(&server, &session).await, None);
    assert_eq!(people(&server, &ana.device.person).await, Some(2));
}

#[tokio::test]
async fn nobody_is_named_as_absent_whose_devices_were_not_shut_out() {
    let server = Server::start().await;
    let (room, mut group) = group_of(&server, &["ana", "bo.l", "cy.r"]).await;
    let [ana, bo, cy] = &mut group[..] else {
        unreachable!()
    };
    // An admin removes somebody.
    let kick = removal(ana, room, bo);
    let problem = ana.push_refused(room, kick, Code::Policy).await;
    assert_eq!(problem.extra["rule"], "not-absent");
    // Somebody leaves, and is signed out only then.
    let path = format!("/api/rooms/{room}/leave");
    bo.device.person.post(&server, &path, &Value::Null).await;
    let session = shut_out(&server, bo).await;
    let bye = removal(cy, room, bo);
    let problem = cy.push_refused(room, bye, Code::Policy).await;
    assert_eq!(problem.extra["rule"], "not-absent");
    let bye = cy.commit(room, &[], &[bo.device.id]);
    cy.push(room, bye).await;
    assert_eq!(people(&server, &session).await, None);
    let reply = next_device(&server, bo, &session).await;
    let path = format!("/api/rooms/{room}/group-info");
    let reply = reply
        .device
        .person
        .call(&server, Method::GET, &path, None)
        .await;
    assert_eq!(reply.1["code"], "not-a-member");
}

#[tokio::test]
async fn who_is_away_and_was_not_named_is_out() {
    let server = Server::start().await;
    let (room, mut group) = group_of(&server, &["ana", "bo.l"]).await;
    let [ana, bo] = &mut group[..] else {
        unreachable!()
    };
    let session = shut_out(&server, bo).await;
    assert_eq!(people(&server, &session).await, Some(2));
    // A client that knows nothing of it.
    let removal = ana.commit(room, &[], &[bo.device.id]);
    ana.push(room, removal).await;
    assert_eq!(people(&server, &session).await, None);
    // The admin invites again.
    let mut back = next_device(&server, bo, &session).await;
    let packages = ana.device.claim(&server, session.id).await;
    let invite = ana.commit(room, &packages, &[]);
    ana.push(room, invite).await;
    back.device.join(&server, &mut back.socket).await;
    assert_eq!(people(&server, &session).await, Some(2));
}

#[tokio::test]
async fn who_is_away_leaves_is_removed_and_is_erased_like_anybody() {
    let server = Server::start().await;
    let names = ["ana", "bo.l", "cy.r", "di.s"];
    let (room, mut group) = group_of(&server, &names).await;
    let [ana, bo, cy, di] = &mut group[..] else {
        unreachable!()
    };
    let mut sessions = Vec::new();
    for gone in [&mut *bo, cy, di] {
        sessions.push(shut_out(&server, gone).await);
        let removal = removal(ana, room, gone);
        ana.push(room, removal).await;
    }
    assert_eq!(people(&server, &ana.device.person).await, Some(4));
    let dismiss = Plan {
        dismiss: &[sessions[0].id],
        ..Plan::default()
    };
    let dismiss = commit(ana, room, dismiss);
    ana.push(room, dismiss).await;
    let path = format!("/api/rooms/{room}/leave");
    sessions[1].post(&server, &path, &Value::Null).await;
    let left = people(&server, &ana.device.person).await;
    assert_eq!(left, Some(2));
    for gone in &sessions[..2] {
        assert_eq!(people(&server, gone).await, None);
    }
    let name = json!({"username": "di.s"});
    let reply = stepped_up(&server, &sessions[2], Method::DELETE, "/api/me", &name).await;
    assert_eq!(reply.0, 204, "{}", reply.1);
    assert_eq!(people(&server, &ana.device.person).await, Some(1));
    // What the group says of them does not stand in anybody's way.
    let update = ana.commit(room, &[], &[]);
    ana.push(room, update).await;
    assert_eq!(people(&server, &ana.device.person).await, Some(1));
}

#[tokio::test]
async fn who_starts_over_is_added_by_somebody_who_is_no_admin() {
    let server = Server::start().await;
    let (room, mut group) = group_of(&server, &["ana", "bo.l", "cy.r"]).await;
    let [ana, bo, cy] = &mut group[..] else {
        unreachable!()
    };
    // The only admin is the one.
    let session = ana.device.person.sign_in(&server).await;
    let (device, mut body) = Device::make(&session, 3);
    body["reset"] = json!(true);
    session.post(&server, "/api/keys", &body).await;
    let wanted = tokio::select! {
        event = bo.socket.event("commit_wanted") => event,
        event = cy.socket.event("commit_wanted") => event,
    };
    assert_eq!(wanted.payload["absent"], json!([session.id]));
    let removal = removal(bo, room, ana);
    bo.push(room, removal).await;
    assert!(matches!(cy.hear(room).await, Opened::Commit(_)));
    // Under the other key there is no way in but by somebody.
    let socket = device.live(&server).await;
    let mut back = Member { device, socket };
    let ack = back.rejoin(&server, room).await;
    assert_eq!(ack["error"]["rule"], "foreign-join", "{ack}");
    back.device.client.rollback();
    let packages = cy.device.claim(&server, session.id).await;
    let invite = cy.commit(room, &packages, &[]);
    cy.push(room, invite).await;
    back.device.join(&server, &mut back.socket).await;
    let rooms = session.get(&server, "/api/rooms").await;
    assert_eq!(rooms[0]["admins"], json!([session.id]));
    // Whom Bo wants in is for the admin to say all the same.
    let dee = Person::sign_up(&server, "dee").await;
    befriend(&server, &bo.device.person, &dee).await;
    Device::register(&server, &dee).await;
    assert!(matches!(bo.hear(room).await, Opened::Commit(_)));
    let packages = bo.device.claim(&server, dee.id).await;
    let invite = bo.commit(room, &packages, &[]);
    let problem = bo.push_refused(room, invite, Code::Policy).await;
    assert_eq!(problem.extra["rule"], "not-admin");
}
