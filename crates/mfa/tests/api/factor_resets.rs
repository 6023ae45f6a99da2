//! Rule 16, and what operators do about accounts.

use std::{io::Write, time::Duration};

use http::Method;
use mfa::totp;
use serde_json::{Value, json};

use crate::harness::{PASSWORD, Person, Reply, Service};

async fn reset(service: &Service, method: Method, person: &Person) -> Reply {
    let path = format!("/v1/accounts/{}/factor-reset", person.id);
    service.ask("chat", "192.0.2.1", method, &path, None).await
}

async fn with_admin() -> Service {
    let service = Service::start().await;
    let scopes = [
        "set",
        "chat",
        "--scope=accounts",
        "--scope=challenges",
        "--scope=admin",
    ];
    service.apps(&scopes).await.unwrap();
    service
}

/// What follows the # in the link of the newest mail.
async fn token(service: &Service) -> String {
    let mails = service.mails().await;
    let mail = mails.iter().rev().find(|mail| mail.kind == "factors_going");
    let text = &mail.expect("a mail with a link").text;
    let (_, rest) = text.split_once("/factor-resets/cancel#").unwrap();
    rest.split_whitespace().next().unwrap().to_owned()
}

async fn cancel(service: &Service, token: &str) -> Reply {
    let body = json!({"token": token});
    let path = "/factor-resets/cancel";
    service
        .ask("nobody", "192.0.2.1", Method::POST, path, Some(&body))
        .await
}

async fn pass(service: &Service, seconds: u64) {
    service.clock.advance(Duration::from_secs(seconds));
    mfa::keep_house(&service.app).await.unwrap();
}

async fn factors(service: &Service, person: &Person) -> Value {
    let path = format!("/v1/accounts/{}/factors", person.id);
    service.get(&path).await.body
}

#[tokio::test]
async fn rule_16_factors_go_a_day_after_an_operator_asked() {
    let service = with_admin().await;
    let ann = service.member("ann").await;
    let bob = service.member("bob").await;
    let announced = reset(&service, Method::POST, &ann).await;
    assert_eq!(announced.status, 202, "{announced:?}");
    let again = reset(&service, Method::POST, &ann).await;
    assert_eq!(again.body["due_at"], announced.body["due_at"]);
    let mails = service.mails().await;
    let sent: Vec<_> = mails.iter().map(|mail| (&*mail.to, mail.kind)).collect();
    assert_eq!(sent, [(&*ann.email, "factors_going")], "once");

    pass(&service, 86_400 - 60).await;
    assert_eq!(factors(&service, &ann).await["recovery_codes_left"], 10);
    let challenge = service.challenge(&ann).await;
    pass(&service, 61).await;
    let left = factors(&service, &ann).await;
    assert_eq!(left["factors"], json!([]));
    assert_eq!(left["recovery_codes_left"], 0);
    service
        .answer(&challenge, "totp", &service.totp(&ann))
        .await
        .refused(410, "challenge-expired");
    assert_eq!(service.mails().await.last().unwrap().kind, "factors_gone");
    // The owner sets up a new one with the password.
    let login = service.login("ann", PASSWORD).await;
    login.refused(403, "enrolment-required");
    assert!(login.body["factor"]["secret"].is_string());
    assert_eq!(
        service.challenge(&bob).await.len(),
        36,
        "others keep theirs"
    );
    let log: Vec<String> =
        sqlx::query_scalar("select action from audit where action like '%factor%' order by seq")
            .fetch_all(&service.database.pool)
            .await
            .unwrap();
    assert_eq!(
        log,
        [
            "announce_factor_reset",
            "announce_factor_reset",
            "reset_factors"
        ]
    );
}

#[tokio::test]
async fn rule_16_the_owner_calls_it_off_by_the_link() {
    let service = with_admin().await;
    let ann = service.member("ann").await;
    reset(&service, Method::POST, &ann).await;
    let right = token(&service).await;
    let mut wrong = right.clone();
    let last = if wrong.pop() == Some('A') { 'B' } else { 'A' };
    wrong.push(last);
    let swapped: String = right.chars().rev().collect();
    for wrong in ["", "x", &wrong[..20], &swapped] {
        cancel(&service, wrong).await.refused(404, "not-found");
    }
    assert_eq!(cancel(&service, &right).await.status, 204);
    assert_eq!(cancel(&service, &right).await.status, 204, "twice is fine");
    assert_eq!(service.mails().await.last().unwrap().kind, "factors_stay");
    pass(&service, 86_401).await;
    assert_eq!(factors(&service, &ann).await["recovery_codes_left"], 10);

    reset(&service, Method::POST, &ann).await;
    let late = token(&service).await;
    pass(&service, 86_401).await;
    cancel(&service, &late).await.refused(410, "expired-code");
}

#[tokio::test]
async fn rule_16_an_operator_calls_it_off_too_and_nobody_else_may_ask() {
    let service = Service::start().await;
    let scopes = ["set", "chat", "--scope=accounts", "--scope=challenges"];
    service.apps(&scopes).await.unwrap();
    let ann = service.member("ann").await;
    for method in [Method::POST, Method::DELETE] {
        reset(&service, method, &ann)
            .await
            .refused(403, "forbidden");
    }
    let scopes = ["set", "chat", "--scope=accounts", "--scope=admin"];
    service.apps(&scopes).await.unwrap();
    reset(&service, Method::DELETE, &ann)
        .await
        .refused(404, "not-found");
    reset(&service, Method::POST, &ann).await;
    assert_eq!(reset(&service, Method::DELETE, &ann).await.status, 204);
    pass(&service, 86_401).await;
    assert_eq!(factors(&service, &ann).await["recovery_codes_left"], 10);
}

#[tokio::test]
async fn rule_16_two_nodes_reset_once() {
    let one = with_admin().await;
    let ann = one.member("ann").await;
    reset(&one, Method::POST, &ann).await;
    one.mails().await;
    let two = one.node(None).await;
    one.clock.advance(Duration::from_secs(86_401));
    let (first, second) = tokio::join!(mfa::keep_house(&one.app), mfa::keep_house(&two.app));
    first.unwrap();
    second.unwrap();
    let mails = one.mails().await;
    assert_eq!(mails.len(), 1, "{mails:?}");
}

#[tokio::test]
async fn the_page_behind_the_link_changes_nothing_by_itself() {
    let service = Service::start().await;
    let path = "/factor-resets/cancel";
    let page = service
        .ask("nobody", "192.0.2.1", Method::GET, path, None)
        .await;
    assert_eq!(page.status, 200);
    let policy = page.headers["content-security-policy"].to_str().unwrap();
    assert!(policy.contains("script-src 'sha256-"), "{policy}");
    assert_eq!(page.headers["referrer-policy"], "no-referrer");
}

#[tokio::test]
async fn operators_look_at_accounts_and_help() {
    let service = Service::start().await;
    let ann = service.member("ann").await;
    service.sign_up("bob", "bob@example.org").await;
    let table = service.accounts(&["list", "--app=chat"]).await.unwrap();
    for part in ["ann@example.org", "complete", "unfinished", "bob"] {
        assert!(table.contains(part), "{table}");
    }
    let all = service.accounts(&["list", "--app=chat", "--json"]).await;
    let all: Value = serde_json::from_str(&all.unwrap()).unwrap();
    assert_eq!(
        (all.as_array().unwrap().len(), &all[0]["factors"]),
        (2, &json!(1))
    );
    for name in [&*ann.id, "Ann", "ANN@example.org"] {
        let shown = service
            .accounts(&["show", "--app=chat", name, "--json"])
            .await;
        let shown: Value = serde_json::from_str(&shown.unwrap()).unwrap();
        assert_eq!(shown["account_id"], json!(ann.id));
        assert_eq!(shown["factors"], json!(["totp (Authenticator app)"]));
    }
    for wrong in [
        &["show", "--app=chat", "carl"][..],
        &["show", "--app=shop", "ann"],
        &["show", "--app=nobody", "ann"],
        &["list", "--app=nobody"],
        &["keep-factors", "--app=chat", "ann"],
    ] {
        assert!(service.accounts(wrong).await.is_err(), "{wrong:?}");
    }

    for _ in 0..10 {
        service.login("ann", "not the password").await;
    }
    service.login("ann", PASSWORD).await.refused(429, "locked");
    service
        .accounts(&["unlock", "--app=chat", "ann"])
        .await
        .unwrap();
    service
        .login("ann", PASSWORD)
        .await
        .refused(401, "mfa-required");

    service.mails().await;
    let told = service
        .accounts(&["reset-factors", "--app=chat", "ann"])
        .await;
    assert!(told.unwrap().contains("unless they object"));
    let shown = service
        .accounts(&["show", "--app=chat", "ann"])
        .await
        .unwrap();
    assert!(!shown.contains("factors go at    -"), "{shown}");
    let right = token(&service).await;
    assert_eq!(cancel(&service, &right).await.status, 204);
    service
        .accounts(&["reset-factors", "--app=chat", "ann"])
        .await
        .unwrap();
    service
        .accounts(&["keep-factors", "--app=chat", "ann"])
        .await
        .unwrap();
    mfa::commands::verify_audit(&service.database.pool)
        .await
        .unwrap();
}

#[tokio::test]
async fn people_and_secrets_of_an_older_set_up_are_taken_over() {
    let service = Service::start().await;
    let mut file = tempfile::NamedTempFile::new().unwrap();
    let text = "# MFA Server Configuration\nFLASK_SECRET_KEY=your-secret-key\nDAIR_SECRET=base32secret3232\n\
        DAIR_TELEGRAM_ID=123456789\nDAIR_EMAIL=dair@example.com\nBOB_SECRET=\"JBSWY3DPEHPK3PXP\"\n\
        BOB_EMAIL=bob@example.com\nTELEGRAM_TOKEN=x\n";
    file.write_all(text.as_bytes()).unwrap();
    let path = file.path().to_str().unwrap();
    let import = ["import", "--app=chat", path];
    let told = service.accounts(&import).await.unwrap();
    assert!(told.contains("dair: imported; Telegram"), "{told}");
    assert!(told.contains("bob: imported\n"), "{told}");
    let code = totp::code_at(b"Hello!\xde\xad\xbe\xef", service.unix());
    let body = json!({"username": "bob", "token": code});
    let verified = service.post("/verify", body.clone()).await;
    assert_eq!(verified.status, 200, "{verified:?}");
    service
        .post("/verify", body)
        .await
        .refused(422, "code-used");

    let again = service.accounts(&import).await.unwrap_err();
    assert!(again.to_string().contains("DAIR"), "{again:#}");
    for wrong in [
        "X=1\n",
        "ANN_SECRET=!\nANN_EMAIL=ann@example.com\n",
        "ANN_SECRET=JBSWY3DP\n",
    ] {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(wrong.as_bytes()).unwrap();
        let path = file.path().to_str().unwrap();
        let refused = service.accounts(&["import", "--app=chat", path]).await;
        assert!(refused.is_err(), "{wrong}");
    }
    let all = service.accounts(&["list", "--app=chat", "--json"]).await;
    let all: Value = serde_json::from_str(&all.unwrap()).unwrap();
    assert_eq!(all.as_array().unwrap().len(), 2, "all or nothing");
}
