//! Telegram out of order, or unwilling: blocked bots, pauses, silence, and a token nobody sees.

use std::time::Duration;

use mfa::notify::worker::Worker;
use serde_json::{Value, json};

use crate::{
    bot_api::{TOKEN, Trouble},
    harness::{Person, Service, config, log_file},
    telegram::{CHAT, member, poll, poller, send, start},
};

async fn listed(service: &Service, person: &Person) -> Value {
    let path = format!("/v1/accounts/{}/factors", person.id);
    service.get(&path).await.body["factors"][0].clone()
}

#[tokio::test]
async fn rule_11_a_blocked_bot_makes_the_factor_unreachable_until_the_person_returns() {
    let (service, api, mut poller) = start(&[]).await;
    let (person, _) = member(&service, &api, &mut poller).await;
    let challenge = service.challenge(&person).await;
    api.set_blocked(CHAT, true); // the message comes before the news of it
    assert_eq!(send(&service, &challenge).await.status, 202);
    service.mails().await;
    let (state, reason): (String, String) =
        sqlx::query_as("select state, reason from outbox where kind = 'sign_in'")
            .fetch_one(&service.database.pool)
            .await
            .unwrap();
    assert_eq!((&*state, &*reason), ("dead", "unreachable"));
    assert_eq!(listed(&service, &person).await["unreachable"], true);
    let refused = send(&service, &challenge)
        .await
        .refused(422, "invalid-body");
    assert_eq!(refused.errors[0].code, "unreachable");
    let again = service.challenge(&person).await;
    send(&service, &again).await.refused(422, "invalid-body");
    service
        .answer(&again, "email", "123456")
        .await
        .refused(422, "invalid-body");
    poll(&mut poller).await;
    let written: i64 =
        sqlx::query_scalar("select count(*) from audit where action = 'factor_unreachable'")
            .fetch_one(&service.database.pool)
            .await
            .unwrap();
    assert_eq!(written, 1, "told once, whoever noticed first");

    api.set_blocked(CHAT, false);
    poll(&mut poller).await;
    assert_eq!(listed(&service, &person).await["unreachable"], Value::Null);
    assert_eq!(send(&service, &challenge).await.status, 202);
    service.mails().await;
    let answered = service
        .answer(&challenge, "telegram", &api.code(CHAT))
        .await;
    assert_eq!(answered.status, 200);
}

#[tokio::test]
async fn rule_11_and_10_telegram_s_pause_is_honoured() {
    let (service, api, mut poller) = start(&[]).await;
    let (person, _) = member(&service, &api, &mut poller).await;
    let challenge = service.challenge(&person).await;
    send(&service, &challenge).await;
    let before = api.sent_to(CHAT).len();
    api.trouble(Trouble::TooMany(40));
    service.mails().await;
    service.clock.advance(Duration::from_secs(39));
    service.mails().await;
    assert_eq!(api.sent_to(CHAT).len(), before, "not yet");
    service.clock.advance(Duration::from_secs(2));
    service.mails().await;
    let answered = service
        .answer(&challenge, "telegram", &api.code(CHAT))
        .await;
    assert_eq!(answered.status, 200, "{answered:?}");
    // A pause beyond the code's life: given up at once.
    let challenge = service.challenge(&person).await;
    send(&service, &challenge).await;
    api.trouble(Trouble::TooMany(601));
    service.mails().await;
    let reason: Option<String> =
        sqlx::query_scalar("select reason from outbox where state = 'dead'")
            .fetch_one(&service.database.pool)
            .await
            .unwrap();
    assert_eq!(reason.as_deref(), Some("exhausted"));
}

#[tokio::test]
async fn rule_11_and_10_silence_and_bad_gateways_are_tried_again() {
    let (service, api, mut poller) = start(&[]).await;
    let (person, _) = member(&service, &api, &mut poller).await;
    let challenge = service.challenge(&person).await;
    send(&service, &challenge).await;
    api.trouble(Trouble::Silence);
    api.trouble(Trouble::BadGateway);
    let bot = service.worker.telegram.clone().unwrap();
    let impatient = Worker {
        telegram: Some(bot.with_timeout(Duration::from_millis(200))),
        ..service.worker.clone()
    };
    for error in ["Telegram does not answer", "Telegram is out of order (502)"] {
        let step = tokio::time::timeout(Duration::from_secs(20), impatient.step()).await;
        assert!(step.expect("the time-out works").unwrap());
        let found: (String, Option<String>) =
            sqlx::query_as("select state, error from outbox where kind = 'sign_in'")
                .fetch_one(&service.database.pool)
                .await
                .unwrap();
        assert_eq!(found, ("queued".to_owned(), Some(error.to_owned())));
        service.clock.advance(Duration::from_secs(11));
    }
    service.mails().await;
    let answered = service
        .answer(&challenge, "telegram", &api.code(CHAT))
        .await;
    assert_eq!(answered.status, 200);
}

#[tokio::test]
async fn rule_11_and_14_the_bot_s_token_is_nowhere_to_be_seen() {
    let service = Service::with_flags(&[
        &format!("--telegram-token={TOKEN}"),
        "--telegram-api-url=http://127.0.0.1:1",
    ])
    .await;
    let person = service.plain_member("ann").await;
    let path = format!("/v1/accounts/{}/factors", person.id);
    let reply = service.post(&path, json!({"kind": "telegram"})).await;
    reply.refused(503, "unavailable");
    assert!(!format!("{reply:?}").contains("never_to_be_seen"));
    let bot = service.app.telegram.clone().unwrap();
    let refusal = bot.send(1, "x").await.unwrap_err();
    assert!(!format!("{refusal} {refusal:?}").contains("never_to_be_seen"));
    assert!(!poller(&service).round().await.unwrap());
    let configured = config("postgres://x", &[&format!("--telegram-token={TOKEN}")]);
    assert!(!format!("{configured:?}").contains("never_to_be_seen"));
    // Logs of this and every test that ran in this process, at the highest level.
    let (_service, api, mut poller) = start(&[]).await;
    api.write(CHAT, "/start");
    poll(&mut poller).await;
    let logs = std::fs::read_to_string(log_file()).unwrap();
    assert!(logs.contains("Telegram"), "the logs are on");
    assert!(!logs.contains("never_to_be_seen"));
}
