//! Passwords, addresses, pictures, and the end of accounts.

use protocol::{Code, limits};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{
    EMAIL_CODE, Person, Server, TOTP_CODE, friends, group_of, refused, room_between,
};

pub(crate) async fn stepped_up(
    server: &Server,
    who: &Person,
    method: Method,
    path: &str,
    body: &Value,
) -> (u16, Value) {
    let first = who.call(server, method.clone(), path, Some(body)).await;
    let problem = refused(first, Code::StepUpRequired);
    who.step_up(server, &problem).await;
    who.call(server, method, path, Some(body)).await
}

#[tokio::test]
async fn a_forgotten_password_takes_the_mail_and_the_factor() {
    let server = Server::start().await;
    let ana = Person::sign_up(&server, "ana").await;
    let mut socket = ana.socket(&server).await;
    let forgot = async |name: &str| {
        server
            .post("/api/password/forgot", &json!({"identifier": name}))
            .await
    };
    let (status, nobody) = forgot("nobody").await;
    let (again, started) = forgot("ana@example.org").await;
    assert_eq!((status, again), (202, 202));
    assert_eq!(nobody["message"], started["message"]);
    let path = "/api/password/reset";
    let reset = |body: Value| {
        let mut whole = json!({"reset_id": started["reset_id"], "password": "blue heron eight"});
        whole
            .as_object_mut()
            .unwrap()
            .extend(body.as_object().unwrap().clone());
        whole
    };
    refused(
        server.post(path, &reset(json!({}))).await,
        Code::InvalidBody,
    );
    let wrong = reset(json!({"code": "000000"}));
    refused(server.post(path, &wrong).await, Code::InvalidCode);
    let mailed = reset(json!({"code": EMAIL_CODE}));
    let problem = refused(server.post(path, &mailed).await, Code::MfaRequired);
    let challenge = &problem.extra["challenge_id"];
    let answer = json!({"challenge_id": challenge, "method": "totp", "factor_code": "000000"});
    refused(server.post(path, &reset(answer)).await, Code::InvalidCode);
    let answer = json!({"challenge_id": challenge, "method": "totp", "factor_code": TOTP_CODE});
    let (status, done) = server.post(path, &reset(answer)).await;
    assert_eq!(status, 200, "{done}");
    // Whoever was signed in is out; the old password is no good any more.
    let last = socket.closed().await;
    assert_eq!(last.last().unwrap().name, "session_ended");
    refused(
        ana.call(&server, Method::GET, "/api/me", None).await,
        Code::SessionEnded,
    );
    let login =
        |password: &str| json!({"username": "ana", "password": password, "code": TOTP_CODE});
    let old = server.post("/api/login", &login("green heron seven")).await;
    refused(old, Code::InvalidCredentials);
    let new = server.post("/api/login", &login("blue heron eight")).await;
    assert_eq!(new.0, 200);
}

#[tokio::test]
async fn a_changed_password_ends_the_other_sessions() {
    let server = Server::start().await;
    let ana = Person::sign_up(&server, "ana").await;
    let other = ana.sign_in(&server).await;
    let path = "/api/password/change";
    let wrong = json!({"current": "wrong", "password": "blue heron eight"});
    ana.refused(&server, path, &wrong, Code::InvalidCredentials)
        .await;
    let right = json!({"current": "green heron seven", "password": "blue heron eight"});
    ana.post(&server, path, &right).await;
    ana.get(&server, "/api/me").await;
    refused(
        other.call(&server, Method::GET, "/api/me", None).await,
        Code::SessionEnded,
    );
}

#[tokio::test]
async fn an_address_changes_after_step_up_and_code() {
    let server = Server::start().await;
    let ana = Person::sign_up(&server, "ana").await;
    let body = json!({"email": "new@example.org"});
    let reply = stepped_up(&server, &ana, Method::POST, "/api/email/change", &body).await;
    assert_eq!(reply.0, 202, "{}", reply.1);
    assert_eq!(
        ana.get(&server, "/api/me").await["email"],
        "ana@example.org"
    );
    let path = "/api/email/verify";
    ana.refused(&server, path, &json!({"code": "000000"}), Code::InvalidCode)
        .await;
    let me = ana.post(&server, path, &json!({"code": EMAIL_CODE})).await;
    assert_eq!(me["email"], "new@example.org");
}

/// A PNG of this size, as far as our parser reads it, with a text in it.
fn png(side: u32, length: usize) -> Vec<u8> {
    let chunk = |name: &[u8], data: &[u8]| {
        [&(data.len() as u32).to_be_bytes()[..], name, data, &[0; 4]].concat()
    };
    let size = [side.to_be_bytes(), side.to_be_bytes()].concat();
    let file = [
        b"\x89PNG\r\n\x1a\n".to_vec(),
        chunk(b"IHDR", &[&size[..], &[8, 2, 0, 0, 0]].concat()),
        chunk(b"tEXt", b"48.2N 16.4E"),
    ]
    .concat();
    let rest = length - file.len() - 12 - 12;
    [file, chunk(b"IDAT", &vec![7; rest]), chunk(b"IEND", b"")].concat()
}

#[tokio::test]
async fn a_picture_is_for_those_who_may_see_the_person() {
    let server = Server::start().await;
    let (ana, bo) = friends(&server).await;
    let put = async |media_type: &'static str, body: Vec<u8>| {
        let request = server
            .request(Method::PUT, "/api/me/avatar")
            .bearer_auth(&ana.token)
            .header("content-type", media_type)
            .body(body);
        let reply = request.send().await.unwrap();
        let status = reply.status().as_u16();
        (status, reply.json::<Value>().await.unwrap())
    };
    refused(
        put("image/gif", png(512, 500)).await,
        Code::UnsupportedMediaType,
    );
    refused(
        put("image/png", b"GIF89a".to_vec()).await,
        Code::InvalidBody,
    );
    refused(put("image/png", png(511, 500)).await, Code::InvalidBody);
    let large = put("image/png", png(512, limits::AVATAR + 1)).await;
    refused(large, Code::BodyTooLarge);
    let mut there = bo.socket(&server).await;
    there.event("connected").await;
    let (status, me) = put("image/png", png(512, limits::AVATAR)).await;
    assert_eq!(status, 200, "{me}");
    let told = there.event("contacts_updated").await;
    assert_eq!(told.payload["contact"]["avatar"], me["avatar"]);
    let path = me["avatar"].as_str().unwrap();
    let fetch = async |who: &Person, path: &str| {
        let request = server.request(Method::GET, path).bearer_auth(&who.token);
        request.send().await.unwrap()
    };
    let reply = fetch(&bo, path).await;
    assert_eq!(reply.headers()["content-type"], "image/png");
    assert_eq!(reply.headers()["x-content-type-options"], "nosniff");
    let bytes = reply.bytes().await.unwrap();
    assert!(
        !bytes.windows(5).any(|part| part == b"48.2N"),
        "no place in it"
    );
    let (me, them) = (json!({"user_id": ana.id}), json!({"user_id": bo.id}));
    bo.post(&server, "/api/contacts/block", &me).await;
    let seen = fetch(&bo, path).await.status();
    assert_eq!(seen, 200, "who blocks still sees whom");
    bo.post(&server, "/api/contacts/unblock", &me).await;
    ana.post(&server, "/api/contacts/block", &them).await;
    assert_eq!(fetch(&bo, path).await.status(), 404);
    let gone = ana
        .call(&server, Method::DELETE, "/api/me/avatar", None)
        .await;
    assert_eq!(gone.0, 204);
    assert_eq!(fetch(&ana, path).await.status(), 404);
}

#[tokio::test]
async fn a_deactivated_account_is_seen_by_nobody() {
    let server = Server::start().await;
    let (room, (ana, mut here), (mut bo, mut there)) = room_between(&server).await;
    let path = "/api/me/deactivate";
    let wrong = json!({"username": "bo.l"});
    ana.person
        .refused(&server, path, &wrong, Code::InvalidBody)
        .await;
    let me = json!({"username": "ANA"});
    let reply = stepped_up(&server, &ana.person, Method::POST, path, &me).await;
    assert_eq!(reply.0, 204, "{}", reply.1);
    assert_eq!(here.closed().await.last().unwrap().name, "session_ended");
    assert_eq!(
        there.event("contacts_updated").await.payload["change"],
        "removed"
    );
    assert_eq!(bo.person.get(&server, "/api/contacts").await, json!([]));
    assert_eq!(
        bo.person.get(&server, "/api/users/search?q=ana").await,
        json!([])
    );
    let (payload, sealed) = bo.seal(room, "hello?");
    there
        .refused("message", &payload, &[&sealed], Code::RoomClosed)
        .await;
    let login = json!({"username": "ana", "password": "green heron seven", "code": TOTP_CODE});
    refused(
        server.post("/api/login", &login).await,
        Code::AccountDeactivated,
    );
}

#[tokio::test]
async fn a_deleted_account_leaves_nothing_but_what_others_have() {
    let server = Server::start().await;
    let (room, mut group) = group_of(&server, &["bo.l", "ana"]).await;
    let [bo, ana] = &mut group[..] else {
        unreachable!()
    };
    ana.say(room, "goodbye").await;
    let person = ana.device.person.clone();
    let vault = json!({"version": 1, "blob": "c2VhbGVk"});
    let kept = person
        .call(&server, Method::PUT, "/api/vault", Some(&vault))
        .await;
    assert_eq!(kept.0, 204, "{}", kept.1);
    person.post(&server, "/api/links", &Value::Null).await;
    let whole = person.get(&server, "/api/me/export").await;
    for part in [
        "me", "sessions", "devices", "contacts", "rooms", "audit", "archive",
    ] {
        assert!(!whole[part].is_null(), "{part}");
    }
    assert_eq!(whole["vault"]["blob"], vault["blob"]);
    let name = json!({"username": "ana"});
    let reply = stepped_up(&server, &person, Method::DELETE, "/api/me", &name).await;
    assert_eq!(reply.0, 204, "{}", reply.1);
    ana.socket.closed().await;
    bo.reads(room, "goodbye").await;
    let wanted = bo.socket.event("commit_wanted").await;
    assert_eq!(wanted.payload["remove"], json!([ana.device.id]));
    let removal = bo.commit(room, &[], &[ana.device.id]);
    bo.push(room, removal).await;
    bo.say(room, "alone").await;

    let login = json!({"username": "ana", "password": "green heron seven", "code": TOTP_CODE});
    refused(
        server.post("/api/login", &login).await,
        Code::InvalidCredentials,
    );
    let again =
        json!({"email": "x@example.org", "username": "ana", "password": "green heron seven"});
    refused(
        server.post("/api/signup", &again).await,
        Code::UsernameTaken,
    );
    let own: i64 =
        sqlx::query_scalar("select (select count(*) from vaults) + (select count(*) from links)")
            .fetch_one(server.pool())
            .await
            .unwrap();
    assert_eq!(own, 0);
    // No table knows the name or the address any more.
    let tables: Vec<String> = sqlx::query_scalar(
        "select table_name::text from information_schema.tables where table_schema = 'public'
           and table_name <> 'reserved_names'",
    )
    .fetch_all(server.pool())
    .await
    .unwrap();
    for table in tables {
        let sql = format!("select count(*) from {table} t where t::text ~ '(ana@|[(,]ana[,)])'");
        let rows: i64 = sqlx::query_scalar(sqlx::AssertSqlSafe(sql))
            .fetch_one(server.pool())
            .await
            .unwrap();
        assert_eq!(rows, 0, "{table}");
    }
}
