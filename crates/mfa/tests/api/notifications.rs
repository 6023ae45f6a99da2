//! An application's own words: queued, capped, followed, never able to forge a header.

use std::time::Duration;

use http::{Method, Request};
use protocol::limits::{NOTIFICATION_SUBJECT_MAX, NOTIFICATION_TEXT_MAX};
use serde_json::{Value, json};

use crate::{
    bot_api::BotApi,
    harness::{Reply, Service, peer},
};

async fn start(flags: &[&str]) -> Service {
    let service = Service::with_flags(flags).await;
    sqlx::query("update apps set scopes = scopes || '{notify}'::text[]")
        .execute(&service.database.pool)
        .await
        .unwrap();
    service
}

fn mail(recipient: &str) -> Value {
    json!({"channel": "email", "recipient": recipient, "message": "Your parcel is here."})
}

async fn status(service: &Service, queued: &Reply) -> Value {
    assert_eq!(queued.status, 202, "{queued:?}");
    let path = format!("/v1/notifications/{}", queued.text("id"));
    service.get(&path).await.body
}

#[tokio::test]
async fn rule_10_a_notification_is_queued_sent_and_followed() {
    let service = start(&[]).await;
    let mut body = mail("ann@example.org");
    body["subject"] = json!("Parcel <7>");
    let queued = service.post("/v1/notifications", body).await;
    assert_eq!(queued.body.as_object().unwrap().len(), 1);
    assert_eq!(status(&service, &queued).await["state"], "queued");
    let mails = service.mails().await;
    assert_eq!(
        (&*mails[0].to, &*mails[0].subject),
        ("ann@example.org", "Parcel <7>")
    );
    assert_eq!(mails[0].text, "Your parcel is here.\n\nSnug\n");
    let sent = status(&service, &queued).await;
    assert_eq!(
        (&sent["state"], &sent["attempts"]),
        (&json!("sent"), &json!(1))
    );
    assert!(sent["finished_at"].is_string() && sent["reason"].is_null());

    // The older name, without a subject.
    let queued = service.post("/send", mail("bob@example.org")).await;
    assert_eq!(service.mails().await[0].subject, "Snug");
    assert_eq!(status(&service, &queued).await["channel"], "email");
}

#[tokio::test]
async fn notifications_need_their_scope_and_belong_to_their_application() {
    let service = Service::start().await;
    let refused = service
        .post("/v1/notifications", mail("a@example.org"))
        .await;
    refused.refused(403, "forbidden");
    let service = start(&[]).await;
    let queued = service.post("/send", mail("a@example.org")).await;
    let path = format!("/v1/notifications/{}", queued.text("id"));
    let other = service
        .ask("shop", "192.0.2.1", Method::GET, &path, None)
        .await;
    other.refused(404, "not-found");
    // A code's mail is none of an application's business.
    service.plain_member("ann").await;
    let id: uuid::Uuid = sqlx::query_scalar("select id from outbox where kind = 'verify_address'")
        .fetch_one(&service.database.pool)
        .await
        .unwrap();
    let path = format!("/v1/notifications/{id}");
    service.get(&path).await.refused(404, "not-found");
}

#[tokio::test]
async fn rule_13_one_recipient_gets_twenty_an_hour() {
    let service = start(&[]).await;
    for _ in 0..20 {
        let queued = service.post("/send", mail("ann@example.org")).await;
        assert_eq!(queued.status, 202);
    }
    let refused = service.post("/send", mail("Ann@Example.org")).await;
    let wait = refused.refused(429, "rate-limited").retry_after.unwrap();
    assert!((179..=181).contains(&wait), "{wait}");
    assert_eq!(
        service.post("/send", mail("bob@example.org")).await.status,
        202
    );
    let body = mail("ann@example.org");
    let shop = service
        .ask("shop", "192.0.2.1", Method::POST, "/send", Some(&body))
        .await;
    assert_eq!(shop.status, 202, "each application has its own");
    service.clock.advance(Duration::from_secs(wait));
    assert_eq!(
        service.post("/send", mail("ann@example.org")).await.status,
        202
    );
    service
        .post("/send", mail("ann@example.org"))
        .await
        .refused(429, "rate-limited");
    // Codes have a limit of their own.
    service.plain_member("ann").await;
}

#[tokio::test]
async fn rule_09_the_same_key_sends_once() {
    let service = start(&[]).await;
    let send = async |key: &str, body: Value| {
        let request = Request::post("/v1/notifications")
            .header("content-type", "application/json")
            .header("idempotency-key", key)
            .extension(peer(&["spiffe://snug/chat"]))
            .body(body.to_string().into())
            .unwrap();
        service.send(request).await
    };
    let first = send("k1", mail("ann@example.org")).await;
    service.clock.advance(Duration::from_secs(3_600));
    let second = send("k1", mail("ann@example.org")).await;
    assert_eq!((first.status, first.text("id")), (202, second.text("id")));
    send("k1", mail("bob@example.org"))
        .await
        .refused(422, "idempotency-key-reused");
    assert_eq!(service.mails().await.len(), 1);
}

#[tokio::test]
async fn nothing_forges_a_header_and_the_lengths_are_kept() {
    let service = start(&[]).await;
    let with = |name: &str, value: String| {
        let mut body = mail("ann@example.org");
        body[name] = json!(value);
        body
    };
    for (name, value, code) in [
        (
            "recipient",
            "a@example.org\r\nBcc: b@example.org".to_owned(),
            "format",
        ),
        (
            "recipient",
            "a@example.org, b@example.org".to_owned(),
            "format",
        ),
        ("recipient", "<a@example.org> SIZE=1".to_owned(), "format"),
        ("recipient", "4242".to_owned(), "format"),
        (
            "subject",
            "Hello\r\nBcc: b@example.org".to_owned(),
            "format",
        ),
        ("subject", "Hello\n\n<html>".to_owned(), "format"),
        (
            "subject",
            "x".repeat(NOTIFICATION_SUBJECT_MAX + 1),
            "too-long",
        ),
        ("message", "x".repeat(NOTIFICATION_TEXT_MAX + 1), "too-long"),
        ("message", " \n ".to_owned(), "required"),
        ("message", "a\u{0}b".to_owned(), "format"),
        ("message", "a\u{1b}[2Jb".to_owned(), "format"),
        ("channel", "sms".to_owned(), "format"),
        ("channel", "telegram".to_owned(), "unsupported"),
    ] {
        let problem = service
            .post("/v1/notifications", with(name, value.clone()))
            .await
            .refused(422, "invalid-body");
        let error = &problem.errors[0];
        assert_eq!((&*error.field, &*error.code), (name, code), "{value:?}");
    }
    for body in [
        with("subject", "x".repeat(NOTIFICATION_SUBJECT_MAX)),
        with("message", "x".repeat(NOTIFICATION_TEXT_MAX)),
        with("message", "one\r\n.\r\nQUIT\r\n\ttwo".to_owned()),
        with("subject", "Été: \u{202e}ok".to_owned()),
    ] {
        assert_eq!(service.post("/v1/notifications", body).await.status, 202);
    }
    let mails = service.mails().await;
    assert!(
        mails[2].text.starts_with("one\n.\nQUIT\n\ttwo\n"),
        "{:?}",
        mails[2]
    );
}

#[tokio::test]
async fn rule_11_a_chat_or_an_account_can_be_told_by_telegram() {
    let api = BotApi::start().await;
    let [token, url] = api.flags();
    let service = start(&[&token, &url]).await;
    let to = |recipient: &str| {
        let message = "Your parcel is here.";
        json!({"channel": "telegram", "recipient": recipient, "message": message})
    };
    let queued = service.post("/send", to("4242")).await;
    service.mails().await;
    assert_eq!(api.sent_to(4242), ["Your parcel is here.\n\nSnug"]);
    assert_eq!(status(&service, &queued).await["state"], "sent");

    api.set_blocked(4343, true);
    let blocked = service.post("/send", to("4343")).await;
    let gone = service.post("/send", to("-1")).await;
    service.mails().await;
    for dead in [blocked, gone] {
        let dead = status(&service, &dead).await;
        assert_eq!(
            (&dead["state"], &dead["reason"]),
            (&json!("dead"), &json!("unreachable"))
        );
    }
    let person = service.plain_member("ann").await;
    let none = service.post("/send", to(&person.id)).await;
    assert_eq!(
        none.refused(422, "invalid-body").errors[0].code,
        "unreachable"
    );
    let body = to(&person.id);
    let other = service
        .ask("shop", "192.0.2.1", Method::POST, "/send", Some(&body))
        .await;
    other.refused(404, "not-found");
    let wrong = service.post("/send", to("@ann")).await;
    assert_eq!(
        wrong.refused(422, "invalid-body").errors[0].field,
        "recipient"
    );
}
