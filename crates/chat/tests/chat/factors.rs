//! Second factors of one's own: added, renamed, removed; passkeys; backup codes.

use protocol::Code;
use reqwest::Method;
use serde_json::json;

use crate::support::{CANCEL_TOKEN, PASSKEY, Person, Server, TOTP_CODE, refused};

/// The second factor of the login is too long ago.
async fn grow_stale(server: &Server) {
    let aged = "update sessions set factor_at = now() - interval '6 minutes'";
    sqlx::query(aged).execute(server.pool()).await.unwrap();
}

#[tokio::test]
async fn a_factor_is_added_after_a_fresh_one_and_removed_after_a_step_up() {
    let server = Server::start().await;
    let ana = Person::sign_up(&server, "ana").await.sign_in(&server).await;
    let factors = "/api/mfa/factors";
    let wanted = json!({"kind": "totp", "label": "Tablet"});
    grow_stale(&server).await;
    let asked = ana
        .refused(&server, factors, &wanted, Code::StepUpRequired)
        .await;
    ana.step_up(&server, &asked).await;
    let added = ana.post(&server, factors, &wanted).await;
    assert_eq!(added["secret"], "DEF");
    let id = added["factor_id"].as_str().unwrap();
    let list = ana.get(&server, factors).await;
    assert_eq!(list["factors"][0]["active"], false);
    assert_eq!(list["kinds"], json!(["totp", "passkey"]));
    assert_eq!(list["recovery_codes_left"], 9);

    let activate = |code: &str| json!({"factor_id": id, "code": code});
    ana.refused(
        &server,
        "/api/mfa/activate",
        &activate("000000"),
        Code::InvalidCode,
    )
    .await;
    let done = ana
        .post(&server, "/api/mfa/activate", &activate(TOTP_CODE))
        .await;
    assert!(done.get("token").is_none() && done.get("user").is_none());
    let path = format!("{factors}/{id}");
    let label = json!({"label": "Old tablet"});
    let renamed = ana.call(&server, Method::PATCH, &path, Some(&label)).await;
    assert_eq!(
        (renamed.0, &renamed.1["label"]),
        (200, &json!("Old tablet"))
    );

    // The step-up of a moment ago still counts.
    assert_eq!(ana.call(&server, Method::DELETE, &path, None).await.0, 204);
    let gone = ana.call(&server, Method::DELETE, &path, None).await;
    refused(gone, Code::NotFound);
    let list = ana.get(&server, factors).await;
    assert_eq!(list["factors"], json!([]));
}

#[tokio::test]
async fn what_weakens_an_account_wants_more_than_the_factor_of_the_login() {
    let server = Server::start().await;
    let ana = Person::sign_up(&server, "ana").await.sign_in(&server).await;
    let wanted = json!({"kind": "totp"});
    let added = ana.post(&server, "/api/mfa/factors", &wanted).await;
    let id = added["factor_id"].as_str().unwrap();
    let path = format!("/api/mfa/factors/{id}");
    // One that waits for its first code protects nothing yet.
    assert_eq!(ana.call(&server, Method::DELETE, &path, None).await.0, 204);

    let added = ana.post(&server, "/api/mfa/factors", &wanted).await;
    let first = json!({"factor_id": added["factor_id"], "code": TOTP_CODE});
    ana.post(&server, "/api/mfa/activate", &first).await;
    let path = format!("/api/mfa/factors/{}", added["factor_id"].as_str().unwrap());
    let asked = refused(
        ana.call(&server, Method::DELETE, &path, None).await,
        Code::StepUpRequired,
    );
    let renew = "/api/mfa/recovery-codes";
    ana.refused(&server, renew, &json!({}), Code::StepUpRequired)
        .await;
    ana.step_up(&server, &asked).await;
    let codes = ana.post(&server, renew, &json!({})).await;
    assert_eq!(codes["recovery_codes"], json!(["three", "four"]));
    assert_eq!(ana.call(&server, Method::DELETE, &path, None).await.0, 204);
}

#[tokio::test]
async fn a_passkey_is_made_and_opens_a_session_and_a_step_up() {
    let server = Server::start().await;
    let ana = Person::sign_up(&server, "ana").await.sign_in(&server).await;
    let start = "/api/passkeys/register/start";
    let asked = ana.post(&server, start, &json!({"label": "Key"})).await;
    assert_eq!(asked["creation_options"]["publicKey"]["challenge"], "AAAA");
    let finish =
        |credential: &str| json!({"factor_id": asked["factor_id"], "credential": credential});
    let path = "/api/passkeys/register/finish";
    ana.refused(&server, path, &finish("another"), Code::InvalidCode)
        .await;
    let made = ana.post(&server, path, &finish(PASSKEY)).await;
    assert_eq!(made["recovery_codes"], json!([]));

    let (status, login) = server.post("/api/passkeys/login/start", &json!({})).await;
    assert_eq!(status, 200, "{login}");
    let answer = |credential: &str| json!({"login_id": login["login_id"], "credential": credential, "transport": "bearer"});
    let finish = "/api/passkeys/login/finish";
    refused(
        server.post(finish, &answer("another")).await,
        Code::InvalidCredentials,
    );
    let (status, reply) = server.post(finish, &answer(PASSKEY)).await;
    assert_eq!((status, &reply["user"]["username"]), (200, &json!("ana")));
    assert!(reply["token"].is_string());

    let renew = "/api/mfa/recovery-codes";
    let asked = ana
        .refused(&server, renew, &json!({}), Code::StepUpRequired)
        .await;
    let body = json!({"challenge_id": asked.extra["challenge_id"], "method": "passkey"});
    let question = ana.post(&server, "/api/login/challenge", &body).await;
    assert_eq!(
        question["request_options"]["publicKey"]["challenge"],
        "BBBB"
    );
    let body = json!({
        "challenge_id": asked.extra["challenge_id"], "method": "passkey", "credential": PASSKEY,
    });
    ana.post(&server, "/api/step-up", &body).await;
    ana.post(&server, renew, &json!({})).await;
}

#[tokio::test]
async fn the_link_of_a_mail_calls_a_reset_of_factors_off() {
    let server = Server::start().await;
    let path = "/api/factor-resets/cancel";
    let token = |token: &str| json!({"token": token});
    assert_eq!(server.post(path, &token(CANCEL_TOKEN)).await.0, 204);
    refused(server.post(path, &token("late")).await, Code::ExpiredCode);
    refused(server.post(path, &token("x")).await, Code::NotFound);
}

#[tokio::test]
async fn factors_are_nobody_elses_business() {
    let server = Server::start().await;
    let id = uuid::Uuid::now_v7();
    for (method, path) in [
        (Method::GET, "/api/mfa/factors".to_owned()),
        (Method::DELETE, format!("/api/mfa/factors/{id}")),
        (Method::POST, "/api/mfa/recovery-codes".to_owned()),
        (Method::GET, "/api/remembered-browsers".to_owned()),
        (Method::DELETE, "/api/remembered-browsers".to_owned()),
    ] {
        let reply = server.request(method, &path).send().await.unwrap();
        let status = reply.status().as_u16();
        refused((status, reply.json().await.unwrap()), Code::Unauthenticated);
    }
}
