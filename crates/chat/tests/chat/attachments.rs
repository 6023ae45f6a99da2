//! Encrypted files: streamed in and out, for the room alone.

use base64::{Engine, engine::general_purpose::STANDARD};
use protocol::{Code, limits};
use reqwest::{
    Method,
    multipart::{Form, Part},
};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{Person, Server, refused, room_between};

async fn post(server: &Server, who: &Person, form: Form) -> (u16, Value) {
    let request = server
        .request(Method::POST, "/api/files")
        .bearer_auth(&who.token)
        .multipart(form);
    let reply = request.send().await.unwrap();
    let status = reply.status().as_u16();
    (status, reply.json().await.unwrap())
}

async fn get(server: &Server, who: &Person, path: &str, range: Option<&str>) -> reqwest::Response {
    let mut request = server.request(Method::GET, path).bearer_auth(&who.token);
    if let Some(range) = range {
        request = request.header("range", range);
    }
    request.send().await.unwrap()
}

fn form(room: Uuid, size: usize) -> Form {
    let file = Part::bytes(vec![7; size]);
    Form::new()
        .part("file", file)
        .text("room_id", room.to_string())
}

/// The files in the store, found by walking its folders.
fn stored(server: &Server) -> usize {
    let folders = std::fs::read_dir(server.files()).into_iter().flatten();
    let files = folders.filter_map(|folder| std::fs::read_dir(folder.ok()?.path()).ok());
    files.map(Iterator::count).sum()
}

async fn held(server: &Server, who: &Person) -> i64 {
    sqlx::query_scalar("select attachment_bytes from users where user_id = $1")
        .bind(who.id)
        .fetch_one(server.pool())
        .await
        .unwrap()
}

#[tokio::test]
async fn a_file_is_for_the_room_it_was_sent_to() {
    let server = Server::start().await;
    let (room, (mut ana, _here), (bo, mut there)) = room_between(&server).await;
    let (_, sealed) = ana.seal(room, "look at this");
    let with = form(room, 300_000)
        .text("client_id", Uuid::now_v7().to_string())
        .part("message", Part::bytes(sealed));
    let (status, reply) = post(&server, &ana.person, with).await;
    assert_eq!(
        (status, &reply["size"], &reply["seq"]),
        (201, &json!(300_000), &json!(2))
    );
    assert_eq!(there.event("new_message").await.payload["seq"], 2);
    let path = format!(
        "/api/attachments/{}",
        reply["attachment_id"].as_str().unwrap()
    );
    let whole = get(&server, &bo.person, &path, None).await;
    assert_eq!(whole.status(), 200);
    assert_eq!(whole.headers()["content-type"], "application/octet-stream");
    assert!(
        whole.headers()["cache-control"]
            .to_str()
            .unwrap()
            .contains("immutable")
    );
    let tag = whole.headers()["etag"].to_str().unwrap().to_owned();
    assert_eq!(whole.bytes().await.unwrap(), vec![7; 300_000]);
    let hash = STANDARD.decode(reply["sha256"].as_str().unwrap()).unwrap();
    let hash: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(tag, format!("\"{hash}\""));

    let part = get(&server, &bo.person, &path, Some("bytes=299999-")).await;
    assert_eq!(part.status(), 206);
    assert_eq!(
        part.headers()["content-range"],
        "bytes 299999-299999/300000"
    );
    assert_eq!(part.bytes().await.unwrap(), vec![7]);
    let beyond = get(&server, &bo.person, &path, Some("bytes=300000-")).await;
    assert_eq!(
        (beyond.status().as_u16(), &beyond.headers()["content-range"]),
        (416, &"bytes */300000".parse().unwrap())
    );
    let again = server
        .request(Method::GET, &path)
        .bearer_auth(&bo.person.token)
        .header("if-none-match", &tag);
    assert_eq!(again.send().await.unwrap().status(), 304);

    let stranger = Person::sign_up(&server, "cy.r").await;
    let other = get(&server, &stranger, &path, None).await;
    assert_eq!(other.status(), 404);
    let (status, foreign) = post(&server, &stranger, form(room, 10)).await;
    refused((status, foreign), Code::NotAMember);
    let theirs = bo.person.call(&server, Method::DELETE, &path, None).await;
    refused(theirs, Code::NotFound);
    let gone = ana.person.call(&server, Method::DELETE, &path, None).await;
    assert_eq!((gone.0, held(&server, &ana.person).await), (204, 0));
    assert_eq!(get(&server, &bo.person, &path, None).await.status(), 404);
}

#[tokio::test]
async fn files_have_limits_and_leave_nothing_when_refused() {
    let server = Server::start().await;
    let (room, (mut ana, mut here), _bo) = room_between(&server).await;
    let me = ana.person.clone();
    let largest = post(&server, &me, form(room, limits::ATTACHMENT)).await;
    assert_eq!(largest.0, 201, "{}", largest.1);
    let larger = post(&server, &me, form(room, limits::ATTACHMENT + 1)).await;
    refused(larger, Code::BodyTooLarge);
    for wrong in [
        form(room, 0),
        Form::new().text("room_id", room.to_string()),
        Form::new().part("file", Part::bytes(vec![1])),
        form(room, 1).text("colour", "green"),
        form(room, 1).text("room_id", room.to_string()),
        form(room, 1).text("client_id", Uuid::now_v7().to_string()),
        Form::new().text("room_id", "x"),
    ] {
        refused(post(&server, &me, wrong).await, Code::InvalidBody);
    }
    let json = me
        .call(&server, Method::POST, "/api/files", Some(&json!({})))
        .await;
    refused(json, Code::UnsupportedMediaType);
    // The quota counts to the byte.
    sqlx::query("update users set attachment_bytes = $1 where user_id = $2")
        .bind(limits::ATTACHMENTS_QUOTA as i64 - 10)
        .bind(me.id)
        .execute(server.pool())
        .await
        .unwrap();
    refused(
        post(&server, &me, form(room, 11)).await,
        Code::AttachmentsFull,
    );
    assert_eq!(post(&server, &me, form(room, 10)).await.0, 201);
    refused(
        post(&server, &me, form(room, 1)).await,
        Code::AttachmentsFull,
    );

    // A message that is refused tells of the file that stays.
    sqlx::query("update users set attachment_bytes = 0")
        .execute(server.pool())
        .await
        .unwrap();
    let (_, early) = ana.seal(room, "sealed before");
    let made = ana.client.commit(room, &[], &[], &mut ana.rng).unwrap();
    let payload = json!({
        "room_id": room, "client_id": Uuid::now_v7(), "devices": [],
        "commit": crate::support::bytes(0), "group_info": crate::support::bytes(1),
    });
    here.ask("commit", &payload, &[&made.commit, &made.group_info])
        .await;
    let with = form(room, 5)
        .text("client_id", Uuid::now_v7().to_string())
        .part("message", Part::bytes(early));
    let problem = refused(post(&server, &me, with).await, Code::StaleEpoch);
    let path = format!(
        "/api/attachments/{}",
        problem.extra["attachment_id"].as_str().unwrap()
    );
    assert_eq!(get(&server, &me, &path, None).await.status(), 200);
    let whole: i64 = sqlx::query_scalar("select count(*) from attachments")
        .fetch_one(server.pool())
        .await
        .unwrap();
    assert_eq!(whole, 3, "what was refused left no row");
    let going: i64 = sqlx::query_scalar("select count(*) from attachments_gone")
        .fetch_one(server.pool())
        .await
        .unwrap();
    assert!(
        stored(&server) as i64 <= whole + going,
        "nor a file that nobody removes"
    );
}

#[tokio::test]
async fn a_contact_that_goes_takes_the_files_of_the_room_along() {
    let server = Server::start().await;
    let (room, (ana, _here), (bo, _there)) = room_between(&server).await;
    let (_, reply) = post(&server, &ana.person, form(room, 10)).await;
    let path = format!(
        "/api/attachments/{}",
        reply["attachment_id"].as_str().unwrap()
    );
    let parting = json!({"user_id": ana.person.id});
    bo.person
        .post(&server, "/api/contacts/remove", &parting)
        .await;
    assert_eq!(get(&server, &bo.person, &path, None).await.status(), 404);
    assert_eq!(held(&server, &ana.person).await, 0);
    let going: i64 = sqlx::query_scalar("select count(*) from attachments_gone")
        .fetch_one(server.pool())
        .await
        .unwrap();
    assert_eq!(going, 1, "the sweep removes it from the store");
    refused(
        post(&server, &ana.person, form(room, 10)).await,
        Code::RoomClosed,
    );
}
