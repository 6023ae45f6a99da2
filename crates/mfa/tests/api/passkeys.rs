//! Passkeys: added, used as a second factor and without a name, and everything that must fail.

use std::time::Duration;

use serde_json::{Value, json};

use crate::{
    authenticator::Authenticator,
    harness::{PASSWORD, Person, Reply, Service, claims, strings},
};

async fn start() -> Service {
    let service = Service::start().await;
    sqlx::query("update apps set rp_id = 'example.org', origins = '{https://chat.example.org}'")
        .execute(&service.database.pool)
        .await
        .unwrap();
    service
}

async fn begin(service: &Service, person: &Person) -> (String, Value) {
    let path = format!("/v1/accounts/{}/factors", person.id);
    let reply = service.post(&path, json!({"kind": "passkey"})).await;
    assert_eq!(reply.status, 201, "{reply:?}");
    let activate = format!("{path}/{}/activate", reply.text("factor_id"));
    (activate, reply.body["creation_options"].clone())
}

/// An account with a passkey and no other factor.
async fn owner(service: &Service, name: &str, synced: bool) -> (Person, Authenticator) {
    let person = service.plain_member(name).await;
    let (activate, options) = begin(service, &person).await;
    let mut key = Authenticator::new();
    key.synced = synced;
    let body = json!({"credential": key.create(&options)});
    let done = service.post(&activate, body).await;
    assert_eq!(done.status, 200, "{done:?}");
    assert_eq!(strings(&done.body["recovery_codes"]).len(), 10);
    (person, key)
}

async fn ask(service: &Service, challenge: &str) -> Value {
    let path = format!("/v1/challenges/{challenge}/send");
    let reply = service.post(&path, json!({"method": "passkey"})).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    reply.body["request_options"].clone()
}

async fn verify(service: &Service, challenge: &str, credential: &Value) -> Reply {
    let path = format!("/v1/challenges/{challenge}/verify");
    let body = json!({"method": "passkey", "credential": credential});
    service.post(&path, body).await
}

#[tokio::test]
async fn a_passkey_is_a_second_factor() {
    let service = start().await;
    let (ann, mut key) = owner(&service, "ann", false).await;
    let login = service.login("ann", PASSWORD).await;
    login.refused(401, "mfa-required");
    assert_eq!(login.body["methods"], json!(["passkey", "recovery"]));
    let challenge = login.text("challenge_id");
    let options = ask(&service, &challenge).await;
    assert_eq!(options["publicKey"]["userVerification"], "required");
    assert_eq!(options["publicKey"]["rpId"], "example.org");
    let answer = key.get(&options);
    let verified = verify(&service, &challenge, &answer).await;
    assert_eq!(verified.status, 200, "{verified:?}");
    assert_eq!(verified.body["amr"], json!(["pwd", "hwk", "user", "pop"]));
    assert_eq!(verified.body["acr"], "aal2");
    assert_eq!(claims(&verified.text("assertion"))["sub"], ann.id);
    verify(&service, &challenge, &answer)
        .await
        .refused(409, "challenge-used");
    let list = service
        .get(&format!("/v1/accounts/{}/factors", ann.id))
        .await;
    assert_eq!(list.body["factors"][0]["kind"], "passkey");
    assert!(list.body["factors"][0]["last_used_at"].is_string());
}

#[tokio::test]
async fn an_answer_is_good_for_one_question() {
    let service = start().await;
    let (_, mut key) = owner(&service, "ann", false).await;
    let first = service.challenge_of("ann").await;
    let answer = key.get(&ask(&service, &first).await);
    assert_eq!(verify(&service, &first, &answer).await.status, 200);
    let second = service.challenge_of("ann").await;
    verify(&service, &second, &answer)
        .await
        .refused(422, "invalid-code");
    let options = ask(&service, &second).await;
    verify(&service, &second, &answer)
        .await
        .refused(422, "invalid-code");
    // The question was taken by the wrong answer.
    let right = key.get(&options);
    verify(&service, &second, &right)
        .await
        .refused(422, "invalid-code");
    let right = key.get(&ask(&service, &second).await);
    assert_eq!(verify(&service, &second, &right).await.status, 200);
}

#[tokio::test]
async fn parallel_answers_open_once() {
    let service = start().await;
    let (_, mut key) = owner(&service, "ann", false).await;
    let challenge = service.challenge_of("ann").await;
    let answer = key.get(&ask(&service, &challenge).await);
    let one = || verify(&service, &challenge, &answer);
    let (a, b, c, d) = tokio::join!(one(), one(), one(), one());
    let opened = [a, b, c, d]
        .iter()
        .filter(|reply| reply.status == 200)
        .count();
    assert_eq!(opened, 1);
}

#[tokio::test]
async fn other_pages_domains_users_and_keys_are_refused() {
    let service = start().await;
    let (_, key) = owner(&service, "ann", false).await;
    let refused = |what: &'static str, change: fn(&mut Authenticator)| {
        let (service, mut key) = (&service, key.clone());
        change(&mut key);
        async move {
            let challenge = service.challenge_of("ann").await;
            let answer = key.get(&ask(service, &challenge).await);
            let reply = verify(service, &challenge, &answer).await;
            assert_eq!(reply.code(), "invalid-code", "{what}: {reply:?}");
        }
    };
    refused("page", |key| {
        key.origin = "https://evil.example.org".to_owned()
    })
    .await;
    refused("port", |key| {
        key.origin = "https://chat.example.org:444".to_owned()
    })
    .await;
    refused("scheme", |key| {
        key.origin = "http://chat.example.org".to_owned()
    })
    .await;
    refused("domain", |key| key.rp_id = "example.com".to_owned()).await;
    refused("no PIN or finger", |key| key.verifies = false).await;
    refused("key", |key| {
        let id = key.id;
        *key = Authenticator::new();
        key.id = id;
        key.counter = 9;
    })
    .await;
    let mut created = Authenticator::new();
    created.verifies = false;
    let bob = service.plain_member("bob").await;
    let (activate, options) = begin(&service, &bob).await;
    let body = json!({"credential": created.create(&options)});
    service
        .post(&activate, body)
        .await
        .refused(422, "invalid-code");
    for body in [
        json!({}),
        json!({"code": "123456"}),
        json!({"credential": {"id": 1}}),
    ] {
        service
            .post(&activate, body)
            .await
            .refused(422, "invalid-body");
    }
}

#[tokio::test]
async fn a_copy_that_counts_behind_is_refused() {
    let service = start().await;
    let (_, mut key) = owner(&service, "ann", false).await;
    let mut copy = key.clone();
    // Both are asked before either answers: the count of the row decides.
    let (first, second) = (
        service.challenge_of("ann").await,
        service.challenge_of("ann").await,
    );
    let (asked, asked_copy) = (ask(&service, &first).await, ask(&service, &second).await);
    let answer = key.get(&asked);
    assert_eq!(verify(&service, &first, &answer).await.status, 200);
    let behind = copy.get(&asked_copy);
    let reply = verify(&service, &second, &behind).await;
    assert_eq!(
        reply.refused(422, "invalid-code").extra["reason"],
        "counter"
    );
    copy.counter -= 1;
    let challenge = service.challenge_of("ann").await;
    let behind = copy.get(&ask(&service, &challenge).await);
    let reply = verify(&service, &challenge, &behind).await;
    assert_eq!(
        reply.refused(422, "invalid-code").extra["reason"],
        "counter"
    );
}

#[tokio::test]
async fn another_account_s_passkey_opens_nothing() {
    let service = start().await;
    let (ann, mut ann_s) = owner(&service, "ann", false).await;
    let (bob, mut bob_s) = owner(&service, "bob", false).await;
    let challenge = service.challenge_of("ann").await;
    let answer = bob_s.get(&ask(&service, &challenge).await);
    verify(&service, &challenge, &answer)
        .await
        .refused(422, "invalid-code");
    // The same credential cannot be added to a second account.
    let (activate, options) = begin(&service, &bob).await;
    let body = json!({"credential": ann_s.clone().create(&options)});
    let taken = service.post(&activate, body).await;
    let problem = taken.refused(422, "invalid-body");
    assert_eq!(problem.errors[0].code, "taken");
    let challenge = service.challenge_of("ann").await;
    ann_s.user = ann.id.clone().into_bytes();
    let answer = ann_s.get(&ask(&service, &challenge).await);
    assert_eq!(verify(&service, &challenge, &answer).await.status, 200);
}

#[tokio::test]
async fn a_passkey_logs_in_without_a_name_once() {
    let service = start().await;
    let (ann, mut key) = owner(&service, "ann", true).await;
    let begin = || service.post("/v1/passkey-logins", json!({}));
    let finish = |login: &Reply, credential: Value| {
        let path = format!("/v1/passkey-logins/{}/finish", login.text("login_id"));
        let service = &service;
        async move { service.post(&path, json!({"credential": credential})).await }
    };
    let login = begin().await;
    assert_eq!(login.status, 201, "{login:?}");
    let options = &login.body["request_options"];
    assert_eq!(options["publicKey"]["allowCredentials"], json!([]));
    let answer = key.get(options);
    let done = finish(&login, answer.clone()).await;
    assert_eq!(done.status, 200, "{done:?}");
    assert_eq!(done.text("account_id"), ann.id);
    assert_eq!(done.body["amr"], json!(["swk", "user", "pop"]));
    assert_eq!(done.body["acr"], "aal2");
    assert_eq!(claims(&done.text("assertion"))["purpose"], "login");
    finish(&login, answer.clone())
        .await
        .refused(404, "not-found");

    let login = begin().await;
    finish(&login, answer)
        .await
        .refused(401, "invalid-credentials");
    let (bob, _) = owner(&service, "bob", false).await;
    let wrong: [fn(&mut Authenticator, &Person); 3] = [
        |key, bob| key.user = uuid::Uuid::parse_str(&bob.id).unwrap().into(),
        |key, _| key.origin = "https://evil.example.org".to_owned(),
        |key, _| key.id = [7; 32],
    ];
    for change in wrong {
        let login = begin().await;
        let mut key = key.clone();
        change(&mut key, &bob);
        let answer = key.get(&login.body["request_options"]);
        finish(&login, answer)
            .await
            .refused(401, "invalid-credentials");
    }
    let login = begin().await;
    service.clock.advance(Duration::from_secs(601));
    let answer = key.get(&login.body["request_options"]);
    finish(&login, answer)
        .await
        .refused(410, "challenge-expired");
}

#[tokio::test]
async fn applications_of_the_configuration_have_the_domain_of_the_public_url() {
    let service = Service::start().await;
    let kept: Vec<(String, Vec<String>)> = sqlx::query_as("select rp_id, origins from apps")
        .fetch_all(&service.database.pool)
        .await
        .unwrap();
    assert!(!kept.is_empty());
    for (domain, origins) in kept {
        assert_eq!(domain, "localhost");
        assert_eq!(origins, ["https://localhost:8443"]);
    }
}

#[tokio::test]
async fn an_application_without_a_domain_takes_none() {
    let service = Service::start().await;
    sqlx::query("update apps set rp_id = null, origins = '{}'")
        .execute(&service.database.pool)
        .await
        .unwrap();
    let person = service.plain_member("ann").await;
    let path = format!("/v1/accounts/{}/factors", person.id);
    let reply = service.post(&path, json!({"kind": "passkey"})).await;
    reply.refused(422, "invalid-body");
    let reply = service.post("/v1/passkey-logins", json!({})).await;
    reply.refused(422, "invalid-body");
}

#[tokio::test]
async fn a_removed_passkey_opens_nothing() {
    let service = start().await;
    let (ann, mut key) = owner(&service, "ann", false).await;
    sqlx::query("delete from factors where account_id = $1")
        .bind(uuid::Uuid::parse_str(&ann.id).unwrap())
        .execute(&service.database.pool)
        .await
        .unwrap();
    let login = service.post("/v1/passkey-logins", json!({})).await;
    let path = format!("/v1/passkey-logins/{}/finish", login.text("login_id"));
    let answer = key.get(&login.body["request_options"]);
    service
        .post(&path, json!({"credential": answer}))
        .await
        .refused(401, "invalid-credentials");
}
