//! A room at its limit: a thousand devices, and not one more.

use e2ee::{AccountKey, CheckedKeyPackage, Client, Commit, DeviceKeys, Kind, NewRoom, key_package};
use protocol::{Code, limits};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use reqwest::{
    Method,
    multipart::{Form, Part},
};
use serde_json::{Value, json};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::support::{Device, Person, Server, devices, refused};

/// Contacts of somebody with as many devices each as one can have: so many key packages.
async fn devices_of_contacts(server: &Server, of: &Person, count: usize) -> Vec<CheckedKeyPackage> {
    let now = OffsetDateTime::now_utc().unix_timestamp().unsigned_abs();
    let mut rng = ChaCha20Rng::from_seed([7; 32]);
    let (mut packages, mut users) = (Vec::new(), Vec::new());
    let (mut owners, mut ids, mut credentials) = (Vec::new(), Vec::new(), Vec::new());
    while packages.len() < count {
        let (user, account) = (Uuid::now_v7(), AccountKey::generate(&mut rng));
        users.push(user);
        for _ in 0..limits::USER_DEVICES.min(count - packages.len()) {
            let id = Uuid::now_v7();
            let keys = DeviceKeys::generate(user, id, &account, now, &mut rng);
            credentials.push(keys.credential().to_bytes().to_vec());
            let package = Client::new(keys, [])
                .key_package(e2ee::Suite::Classic, now, &mut rng)
                .unwrap();
            packages.push(key_package::inspect(&package, now).unwrap());
            owners.push(user);
            ids.push(id);
        }
    }
    for sql in [
        "insert into users (user_id, username, look, email)
         select u, right(u::text, 12), right(u::text, 12), 'x' from unnest($1) u",
        "insert into contacts (user_a, user_b)
         select least(u, $2), greatest(u, $2) from unnest($1) u",
    ] {
        let query = sqlx::query(sql).bind(&users);
        let query = if sql.contains("$2") {
            query.bind(of.id)
        } else {
            query
        };
        query.execute(server.pool()).await.unwrap();
    }
    sqlx::query(
        "insert into devices (device_id, user_id, name, credential)
         select d, u, '', c from unnest($1::uuid[], $2::uuid[], $3::bytea[]) t(d, u, c)",
    )
    .bind(&ids)
    .bind(&owners)
    .bind(&credentials)
    .execute(server.pool())
    .await
    .unwrap();
    packages
}

async fn upload(
    server: &Server,
    who: &Person,
    path: &str,
    mut head: Value,
    made: Commit,
    tree: Option<Vec<u8>>,
) -> (u16, Value) {
    head["devices"] = devices(&made.added);
    let mut form = Form::new()
        .text("head", head.to_string())
        .part("commit", Part::bytes(made.commit))
        .part("group_info", Part::bytes(made.group_info));
    if let Some(welcome) = made.welcome {
        form = form.part("welcome", Part::bytes(welcome));
    }
    if let Some(tree) = tree {
        form = form.part("tree", Part::bytes(tree));
    }
    let request = server
        .request(Method::POST, path)
        .bearer_auth(&who.token)
        .multipart(form);
    let reply = request.send().await.unwrap();
    (reply.status().as_u16(), reply.json().await.unwrap())
}

#[tokio::test]
async fn a_room_takes_a_thousand_devices_and_no_more() {
    let server = Server::start().await;
    let person = Person::sign_up(&server, "ann").await;
    let mut ann = Device::register(&server, &person).await;
    let mut socket = ann.live(&server).await;
    let packages = devices_of_contacts(&server, &person, limits::ROOM_DEVICES).await;

    let make = |ann: &mut Device, packages: &[CheckedKeyPackage]| {
        let room = Uuid::now_v7();
        let admins = [ann.person.id];
        let NewRoom { commit, tree } = ann
            .client
            .create_room(
                room,
                e2ee::Suite::Classic,
                Kind::Group,
                &admins,
                packages,
                &mut ann.rng,
            )
            .unwrap();
        (
            room,
            json!({"room_id": room, "kind": "group"}),
            commit,
            Some(tree),
        )
    };
    // With her own it would be one too many.
    let (_, head, made, tree) = make(&mut ann, &packages);
    let larger = upload(&server, &person, "/api/rooms", head, made, tree).await;
    let problem = refused(larger, Code::Policy);
    assert_eq!(problem.extra["rule"], "room-full");

    let (room, head, made, tree) = make(&mut ann, &packages[1..]);
    let (status, reply) = upload(&server, &person, "/api/rooms", head, made, tree).await;
    assert_eq!(status, 201, "{reply}");
    ann.client.merge_own(room).unwrap();
    let members = ann.client.members(room).unwrap();
    assert_eq!(members.len(), limits::ROOM_DEVICES);
    ann.say(&mut socket, room, "all of you").await;

    let made = ann
        .client
        .commit(room, &packages[..1], &[], &mut ann.rng)
        .unwrap();
    let (path, head) = (
        format!("/api/rooms/{room}/commits"),
        json!({"client_id": Uuid::now_v7()}),
    );
    let one_more = upload(&server, &person, &path, head, made, None).await;
    let problem = refused(one_more, Code::Policy);
    assert_eq!(problem.extra["rule"], "room-full");
    ann.client.discard_own(room).unwrap();
    ann.say(&mut socket, room, "and go on").await;
}
