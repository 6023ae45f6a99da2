//! What the owner of an account changes: password, address, name; and its end.

use http::Method;
use serde_json::{Value, json};

use crate::harness::{PASSWORD, Person, Reply, Service};

const FRESH: &str = "polonium and radium";

/// A fresh assertion with a second factor.
async fn assertion(service: &Service, person: &Person) -> String {
    let challenge = service.challenge(person).await;
    let code = service.totp(person);
    let answered = service.answer(&challenge, "totp", &code).await;
    service.next_step();
    answered.text("assertion")
}

async fn with_assertion(
    service: &Service,
    method: Method,
    path: &str,
    body: Option<Value>,
    assertion: &str,
) -> Reply {
    let headers = [("x-assertion", assertion)];
    service
        .ask_with("chat", &headers, method, path, body.as_ref())
        .await
}

#[tokio::test]
async fn the_password_changes_with_the_current_one_or_an_assertion() {
    let service = Service::start().await;
    let ann = service.member("ann").await;
    let path = format!("/v1/accounts/{}/password", ann.id);
    service
        .post(&path, json!({"password": FRESH}))
        .await
        .refused(403, "step-up-required");
    service
        .post(
            &path,
            json!({"password": FRESH, "current": "not the password"}),
        )
        .await
        .refused(401, "invalid-credentials");
    service
        .post(&path, json!({"password": "password", "current": PASSWORD}))
        .await
        .refused(422, "invalid-body");
    let body = json!({"password": FRESH, "current": PASSWORD});
    assert_eq!(service.post(&path, body).await.status, 204);
    let mails = service.mails().await;
    assert_eq!(mails.last().unwrap().kind, "password_changed");
    service
        .login("ann", PASSWORD)
        .await
        .refused(401, "invalid-credentials");
    service
        .login("ann", FRESH)
        .await
        .refused(401, "mfa-required");

    let login = service.login("ann", FRESH).await;
    let challenge = login.text("challenge_id");
    let answered = service
        .answer(&challenge, "totp", &service.totp(&ann))
        .await;
    let fresh = answered.text("assertion");
    let body = json!({"password": PASSWORD});
    let done = with_assertion(&service, Method::POST, &path, Some(body), &fresh).await;
    assert_eq!(done.status, 204, "{done:?}");
    assert_eq!(service.login("ann", PASSWORD).await.code(), "mfa-required");
}

#[tokio::test]
async fn rule_05_guesses_at_the_current_password_are_locked() {
    let service = Service::start().await;
    let ann = service.plain_member("ann").await;
    let path = format!("/v1/accounts/{}/password", ann.id);
    let body = |current: &str| json!({"password": FRESH, "current": current});
    for _ in 0..10 {
        service
            .post(&path, body("not the password"))
            .await
            .refused(401, "invalid-credentials");
    }
    service
        .post(&path, body(PASSWORD))
        .await
        .refused(429, "locked");
    let elsewhere = service
        .post_from("198.51.100.7", &path, body(PASSWORD))
        .await;
    assert_eq!(elsewhere.status, 204, "the owner elsewhere is not locked");
}

#[tokio::test]
async fn an_address_changes_by_a_code_and_the_old_one_is_told() {
    let service = Service::start().await;
    let ann = service.member("ann").await;
    let path = format!("/v1/accounts/{}/email", ann.id);
    let body = json!({"email": "ann@example.net", "password": PASSWORD});
    service
        .post(&path, body)
        .await
        .refused(403, "step-up-required");
    let fresh = assertion(&service, &ann).await;
    let body = json!({"email": "Ann@example.net"});
    let asked = with_assertion(&service, Method::POST, &path, Some(body), &fresh).await;
    assert_eq!(asked.status, 202, "{asked:?}");
    assert_eq!(asked.body["email_hint"], "A•••@example.net");
    let code = service.mailed_code("Ann@example.net").await;
    let account = service.get(&format!("/v1/accounts/{}", ann.id)).await;
    assert_eq!(account.body["email"], ann.email, "the old one counts");
    let verify = format!("{path}/verify");
    let wrong = crate::harness::other_than(&code);
    service
        .post(&verify, json!({"code": wrong}))
        .await
        .refused(422, "invalid-code");
    let changed = service.post(&verify, json!({"code": code})).await;
    assert_eq!(changed.body["email"], "Ann@example.net", "{changed:?}");
    let mails = service.mails().await;
    let told = mails.last().unwrap();
    assert_eq!((&*told.to, told.kind), (&*ann.email, "address_changed"));
    assert!(told.text.contains("A•••@example.net"), "{}", told.text);
    service
        .post(&verify, json!({"code": code}))
        .await
        .refused(422, "invalid-code");
    assert_eq!(
        service.login("ann@example.net", PASSWORD).await.code(),
        "mfa-required"
    );
    service
        .login(&ann.email, PASSWORD)
        .await
        .refused(401, "invalid-credentials");
}

#[tokio::test]
async fn rule_17_whether_a_new_address_is_taken_is_never_told() {
    let service = Service::start().await;
    let ann = service.plain_member("ann").await;
    let bob = service.plain_member("bob").await;
    let path = format!("/v1/accounts/{}/email", ann.id);
    let body = json!({"email": bob.email, "password": PASSWORD});
    let asked = service.post(&path, body).await;
    assert_eq!(asked.status, 202, "{asked:?}");
    let mails = service.mails().await;
    assert_eq!(mails.len(), 1);
    assert_eq!(
        (&*mails[0].to, mails[0].kind),
        (&*bob.email, "already_registered")
    );
    assert!(mails[0].code.is_none());

    // Two accounts ask for one free address: the code that comes first decides.
    let codes = [&ann, &bob].map(|person| format!("/v1/accounts/{}/email", person.id));
    let mut sent = Vec::new();
    for path in &codes {
        let body = json!({"email": "new@example.org", "password": PASSWORD});
        assert_eq!(service.post(path, body).await.status, 202);
        sent.push(service.mailed_code("new@example.org").await);
    }
    let verify = async |at: usize| {
        let path = format!("{}/verify", codes[at]);
        service.post(&path, json!({"code": sent[at]})).await
    };
    assert_eq!(verify(0).await.status, 200);
    verify(1).await.refused(422, "invalid-code");
}

#[tokio::test]
async fn an_unverified_address_changes_by_patch_only() {
    let service = Service::start().await;
    let ann = service.sign_up("ann", "ann@example.org").await;
    let path = format!("/v1/accounts/{}/email", ann.id);
    let body = json!({"email": "ann@example.net", "password": PASSWORD});
    service
        .post(&path, body)
        .await
        .refused(403, "email-unverified");
}

#[tokio::test]
async fn name_and_language_are_the_owner_s() {
    let service = Service::start().await;
    let ann = service.plain_member("ann").await;
    let path = format!("/v1/accounts/{}", ann.id);
    let patch = async |body: Value| {
        service
            .ask("chat", "192.0.2.1", Method::PATCH, &path, Some(&body))
            .await
    };
    let changed = patch(json!({"name": "Ann B.", "language": "fr"})).await;
    assert_eq!(changed.status, 200, "{changed:?}");
    assert_eq!(
        (&changed.body["name"], &changed.body["language"]),
        (&json!("Ann B."), &json!("fr"))
    );
    let changed = patch(json!({"language": "en"})).await;
    assert_eq!(changed.body["name"], "Ann B.");
    let changed = patch(json!({"name": ""})).await;
    assert!(changed.body.get("name").is_none(), "{changed:?}");
    assert_eq!(changed.body["language"], "en");
    patch(json!({"name": "a\r\nBcc: x"}))
        .await
        .refused(422, "invalid-body");
    patch(json!({"email": "ann@example.net", "name": "Eve"}))
        .await
        .refused(409, "account-complete");
    let account = service.get(&path).await;
    assert!(account.body.get("name").is_none(), "all or nothing");
}

#[tokio::test]
async fn an_account_is_deleted_by_its_owner_or_an_administrator() {
    let service = Service::start().await;
    let ann = service.member("ann").await;
    let bob = service.plain_member("bob").await;
    let scopes = ["set", "chat", "--scope=accounts", "--scope=challenges"];
    service.apps(&scopes).await.unwrap();
    let path = format!("/v1/accounts/{}", ann.id);
    let delete = async |path: &str| {
        service
            .ask("chat", "192.0.2.1", Method::DELETE, path, None)
            .await
    };
    delete(&path).await.refused(403, "step-up-required");
    let fresh = assertion(&service, &ann).await;
    let gone = with_assertion(&service, Method::DELETE, &path, None, &fresh).await;
    assert_eq!(gone.status, 204, "{gone:?}");
    service.get(&path).await.refused(404, "not-found");
    let mails = service.mails().await;
    let told = mails.last().unwrap();
    assert_eq!((&*told.to, told.kind), (&*ann.email, "account_deleted"));
    // Name and address are free again.
    service.member("ann").await;

    let path = format!("/v1/accounts/{}", bob.id);
    delete(&path).await.refused(403, "step-up-required");
    let scopes = ["set", "chat", "--scope=accounts", "--scope=admin"];
    service.apps(&scopes).await.unwrap();
    // An administrator who says that the owner was asked has to prove it.
    with_assertion(&service, Method::DELETE, &path, None, "made up")
        .await
        .refused(403, "step-up-required");
    assert_eq!(delete(&path).await.status, 204);
}
