//! Encrypted files in a bucket: the chat server against a real S3 server, `moto`, which this test
//! starts and kills. `cargo xtask test services` runs it; it needs SNUG_MOTO (the program) and the
//! variables that an operator sets: AWS_ENDPOINT_URL and its siblings.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![expect(
    dead_code,
    unused_imports,
    reason = "the chat tests need more of their support"
)]

mod moto;
#[path = "../chat/support/mod.rs"]
mod support;

use bytes::Bytes;
use futures_util::StreamExt;
use moto::Moto;
use protocol::{Code, limits};
use reqwest::{
    Body, Method,
    multipart::{Form, Part},
};
use serde_json::Value;
use support::{Person, Server, refused, room_between};
use tokio::sync::mpsc;
use uuid::Uuid;

/// The first part of an upload: what S3 takes at least.
const PART: usize = 5 * 1024 * 1024;

#[tokio::test]
async fn files_live_in_a_bucket_and_nothing_half_is_kept_when_it_goes_away() {
    let mut moto = Moto::start().await;
    moto.make_bucket("files").await;
    let server = Server::with(&["--attachments-url=s3://files/chat"]).await;
    let (room, (ana, _here), (bo, _there)) = room_between(&server).await;
    let me = &ana.person;

    // The largest file: more than one part.
    let bytes: Vec<u8> = (0..limits::ATTACHMENT).map(|at| (at % 251) as u8).collect();
    let form = Form::new().part("file", Part::bytes(bytes.clone()));
    let (status, stored) = post(&server, me, form.text("room_id", room.to_string())).await;
    assert_eq!(status, 201, "{stored}");
    assert_eq!(moto.objects("files").await, 1);
    let path = format!(
        "/api/attachments/{}",
        stored["attachment_id"].as_str().unwrap()
    );
    let whole = get(&server, &bo.person, &path, None).await;
    assert_eq!(whole.bytes().await.unwrap(), bytes);
    let range = format!("bytes={}-{}", PART - 10, PART + 9);
    let part = get(&server, &bo.person, &path, Some(&range)).await;
    assert_eq!(part.status(), 206);
    assert_eq!(part.bytes().await.unwrap(), bytes[PART - 10..PART + 10]);

    // One byte more, and what the quota leaves no room for.
    let larger = Form::new().part("file", Part::bytes(vec![7; limits::ATTACHMENT + 1]));
    let larger = post(&server, me, larger.text("room_id", room.to_string())).await;
    refused(larger, Code::BodyTooLarge);
    set_held(&server, me, limits::ATTACHMENTS_QUOTA as i64 - 9).await;
    refused(small(&server, me, room).await, Code::AttachmentsFull);
    set_held(&server, me, limits::ATTACHMENT as i64).await;
    assert_eq!(
        moto.objects("files").await,
        1,
        "what is refused is not there"
    );

    let (gone, _) = me.call(&server, Method::DELETE, &path, None).await;
    assert_eq!(gone, 204);
    assert_eq!(get(&server, &bo.person, &path, None).await.status(), 404);
    assert_eq!(held(&server, me).await, 0);

    // The bucket goes away when the first part has arrived.
    let (sender, receiver) = mpsc::channel::<Bytes>(1);
    let chunks = tokio_stream(receiver);
    let form = Form::new()
        .text("room_id", room.to_string())
        .part("file", Part::stream(Body::wrap_stream(chunks)));
    let cut = async {
        sender.send(vec![7; PART].into()).await.unwrap();
        moto.kill();
        sender.send(vec![7; 1024].into()).await.unwrap();
        drop(sender);
    };
    let (reply, ()) = tokio::join!(post(&server, me, form), cut);
    let problem = refused(reply, Code::Unavailable);
    assert!(problem.retry_after.is_some());
    assert_eq!((held(&server, me).await, rows(&server).await), (0, 0));
    refused(small(&server, me, room).await, Code::Unavailable);

    // And comes back, empty as this one is: uploads go on.
    moto.restart().await;
    moto.make_bucket("files").await;
    let (status, stored) = small(&server, me, room).await;
    assert_eq!(status, 201, "{stored}");
    let path = format!(
        "/api/attachments/{}",
        stored["attachment_id"].as_str().unwrap()
    );
    assert_eq!(get(&server, &bo.person, &path, None).await.status(), 200);
    moto.kill();
    let down = get(&server, &bo.person, &path, None).await;
    assert_eq!(down.status(), 503);
    let problem: Value = down.json().await.unwrap();
    assert_eq!(problem["code"], Code::Unavailable.as_str());
}

async fn post(server: &Server, who: &Person, form: Form) -> (u16, Value) {
    let request = server
        .request(Method::POST, "/api/files")
        .bearer_auth(&who.token)
        .multipart(form);
    let reply = request.send().await.unwrap();
    let status = reply.status().as_u16();
    (status, reply.json().await.unwrap())
}

async fn small(server: &Server, who: &Person, room: Uuid) -> (u16, Value) {
    let form = Form::new()
        .part("file", Part::bytes(vec![7; 10]))
        .text("room_id", room.to_string());
    post(server, who, form).await
}

async fn get(server: &Server, who: &Person, path: &str, range: Option<&str>) -> reqwest::Response {
    let mut request = server.request(Method::GET, path).bearer_auth(&who.token);
    if let Some(range) = range {
        request = request.header("range", range);
    }
    request.send().await.unwrap()
}

async fn held(server: &Server, who: &Person) -> i64 {
    sqlx::query_scalar("select attachment_bytes from users where user_id = $1")
        .bind(who.id)
        .fetch_one(server.pool())
        .await
        .unwrap()
}

async fn set_held(server: &Server, who: &Person, bytes: i64) {
    sqlx::query("update users set attachment_bytes = $1 where user_id = $2")
        .bind(bytes)
        .bind(who.id)
        .execute(server.pool())
        .await
        .unwrap();
}

async fn rows(server: &Server) -> i64 {
    sqlx::query_scalar("select count(*) from attachments")
        .fetch_one(server.pool())
        .await
        .unwrap()
}

fn tokio_stream(
    receiver: mpsc::Receiver<Bytes>,
) -> impl futures_util::Stream<Item = Result<Bytes, std::io::Error>> {
    futures_util::stream::unfold(receiver, async |mut receiver| {
        let chunk = receiver.recv().await?;
        Some((Ok(chunk), receiver))
    })
    .boxed()
}
