//! The rules that each application has of its own.

use mfa::totp::{Algorithm, Parameters, STEP, code_at};
use serde_json::json;

use crate::harness::{PASSWORD, Person, Service};

const STRONG: Parameters = Parameters {
    algorithm: Algorithm::SHA256,
    digits: 8,
    period: 60,
};

#[tokio::test]
async fn rule_03_new_factors_follow_the_application_and_old_ones_stay() {
    let service = Service::start().await;
    let ann = service.member("ann").await;
    let strong = [
        "set",
        "chat",
        "--totp-algorithm=SHA256",
        "--totp-digits=8",
        "--totp-period=60",
    ];
    service.apps(&strong).await.unwrap();

    let bob = service.sign_up("bob", "bob@example.org").await;
    assert_eq!(bob.secret.len(), 32, "as long as the hash");
    let code = service.mailed_code("bob@example.org").await;
    service.verify_email(&bob, &code).await;
    let usual = code_at(&bob.secret, service.unix());
    service
        .activate(&bob, &usual)
        .await
        .refused(422, "invalid-code");
    let sha1 = Parameters {
        algorithm: Algorithm::SHA1,
        ..STRONG
    };
    let problem = service
        .activate(&bob, &sha1.code_at(&bob.secret, service.unix()))
        .await
        .refused(422, "invalid-code");
    assert_eq!(
        problem.member::<String>("reason").as_deref(),
        Some("wrong-algorithm")
    );
    assert!(problem.detail.contains("SHA256"), "{}", problem.detail);
    let right = STRONG.code_at(&bob.secret, service.unix());
    assert_eq!(service.activate(&bob, &right).await.status, 200);
    service.clock.advance(std::time::Duration::from_secs(60));
    let challenge = service.challenge(&bob).await;
    let right = STRONG.code_at(&bob.secret, service.unix());
    let answered = service.answer(&challenge, "totp", &right).await;
    assert_eq!(answered.status, 200, "{answered:?}");
    let again = service.challenge(&bob).await;
    let used = service.answer(&again, "totp", &right).await;
    let left = used.refused(422, "code-used").retry_after.unwrap();
    assert!((1..=60).contains(&left), "{left}");

    let challenge = service.challenge(&ann).await;
    let answered = service
        .answer(&challenge, "totp", &service.totp(&ann))
        .await;
    assert_eq!(answered.status, 200, "{answered:?}");
}

#[tokio::test]
async fn rule_03_an_application_has_a_window_of_its_own() {
    let service = Service::start().await;
    let ann = service.member("ann").await;
    for (steps, status) in [("0", 422), ("default", 200)] {
        let flag = format!("--totp-steps={steps}");
        service.apps(&["set", "chat", &flag]).await.unwrap();
        service.next_step();
        let before = code_at(&ann.secret, service.unix() - STEP);
        let challenge = service.challenge(&ann).await;
        let answered = service.answer(&challenge, "totp", &before).await;
        assert_eq!(answered.status, status, "{steps}: {answered:?}");
    }
}

#[tokio::test]
async fn rule_04_an_application_may_refuse_what_one_reads_in_a_mailbox() {
    let service = Service::start().await;
    let plain = service.plain_member("ann").await;
    let strong = service.member("bob").await;
    let rules = service.apps(&["set", "chat", "--factor=totp"]).await;
    assert!(rules.unwrap().contains("restricted ones  refused"));
    let ask = |person: &Person| json!({"account_id": person.id, "purpose": "pay"});
    service
        .post("/v1/challenges", ask(&plain))
        .await
        .refused(403, "enrolment-required");
    let open = service.post("/v1/challenges", ask(&strong)).await;
    assert_eq!(open.body["methods"], json!(["totp", "recovery"]));

    // The other way round: who has a factor is not let in by mail instead.
    service
        .apps(&["set", "chat", "--factor=email"])
        .await
        .unwrap();
    let open = service.post("/v1/challenges", ask(&strong)).await;
    assert_eq!(open.body["methods"], json!(["recovery"]));
    let login = service.login("bob", PASSWORD).await;
    let required = login.refused(401, "mfa-required");
    assert_eq!(
        required.member::<Vec<String>>("methods").unwrap(),
        ["recovery"]
    );
    let body = json!({"email": "eve@example.org", "password": PASSWORD, "factor": "totp"});
    service
        .post("/v1/accounts", body)
        .await
        .refused(422, "invalid-body");
}

#[tokio::test]
async fn rule_13_an_application_has_limits_of_its_own() {
    let service = Service::start().await;
    service.plain_member("ann").await;
    service
        .apps(&["set", "chat", "--limit=2 per day"])
        .await
        .unwrap();
    for status in [200, 200, 429] {
        assert_eq!(service.login("ann", PASSWORD).await.status, status);
    }
    service
        .apps(&["set", "chat", "--limit=default"])
        .await
        .unwrap();
    assert_eq!(service.login("ann", PASSWORD).await.status, 200);

    service
        .apps(&["set", "chat", "--limit-mail=1 per hour"])
        .await
        .unwrap();
    for (app, status) in [("chat", 201), ("chat", 429), ("shop", 201)] {
        let body = json!({"email": "eve@example.org", "password": PASSWORD});
        let path = "/v1/accounts";
        let reply = service
            .ask(app, "192.0.2.1", http::Method::POST, path, Some(&body))
            .await;
        assert_eq!(reply.status, status, "{app}: {reply:?}");
    }
}

#[tokio::test]
async fn rule_13_all_of_an_application_may_have_one_limit() {
    let service = Service::start().await;
    let ann = service.plain_member("ann").await;
    let shown = service
        .apps(&["set", "chat", "--limit-all=3 per day"])
        .await;
    assert!(
        shown
            .unwrap()
            .contains("limit, all       3 per 86400 seconds")
    );
    let path = format!("/v1/accounts/{}/factors", ann.id);
    for (app, address, status) in [
        ("chat", "192.0.2.1", 200),
        ("chat", "192.0.2.2", 200),
        ("chat", "192.0.2.3", 200),
        ("chat", "192.0.2.4", 429),
        // Another application has nothing to do with it: it does not know the account.
        ("shop", "192.0.2.1", 404),
    ] {
        let reply = service
            .ask(app, address, http::Method::GET, &path, None)
            .await;
        assert_eq!(reply.status, status, "{app} {address}: {reply:?}");
    }
    let shown = service
        .apps(&["set", "chat", "--limit-all=default"])
        .await
        .unwrap();
    assert!(shown.contains("limit, all       none"));
    let reply = service
        .ask("chat", "192.0.2.4", http::Method::GET, &path, None)
        .await;
    assert_eq!(reply.status, 200);
}

#[tokio::test]
async fn rules_that_make_no_sense_are_refused_and_shown_as_they_stand() {
    let service = Service::start().await;
    for wrong in [
        &["--totp-digits=7"][..],
        &["--totp-period=14"],
        &["--totp-period=121"],
        &["--totp-steps=11"],
        &["--totp-algorithm=MD5"],
        &["--factor=sms"],
        &["--limit=often"],
        &["--limit-all=0 per day"],
        &["--origin=https://chat.example.org"],
        &["--rp-id=example.org", "--origin=http://chat.example.org"],
        &["--rp-id=example.org", "--origin=https://chat.example.org/"],
        &["--rp-id=example.org", "--origin=https://chat.example.com"],
        &["--rp-id=example.org", "--origin=https://badexample.org"],
    ] {
        let line = [&["set", "chat"], wrong].concat();
        assert!(service.apps(&line).await.is_err(), "{wrong:?}");
    }
    assert!(service.apps(&["show", "nobody"]).await.is_err());
    let create = [
        "create",
        "wiki",
        "--scope=accounts",
        "--rp-id=example.org",
        "--origin=https://wiki.example.org",
        "--origin=https://example.org:8443",
        "--totp-period=15",
        "--limit=1 per 2 hours",
    ];
    service.apps(&create).await.unwrap();
    let shown = service.apps(&["show", "wiki", "--json"]).await.unwrap();
    let shown: serde_json::Value = serde_json::from_str(&shown).unwrap();
    assert_eq!(shown["rp_id"], "example.org");
    assert_eq!(shown["origins"].as_array().unwrap().len(), 2);
    assert_eq!(shown["totp_period"], 15);
    assert_eq!(shown["rate_limit"], "1 per 7200 seconds");
    assert!(shown["totp_window"].is_null() && shown.get("secret_hash").is_none());
    let bare = ["set", "wiki", "--rp-id=default"];
    let bare = service.apps(&bare).await.unwrap();
    assert!(bare.contains("passkey domain   -\n"), "{bare}");
    let again = [
        "set",
        "wiki",
        "--rp-id=example.org",
        "--origin=https://example.org:8443",
    ];
    service.apps(&again).await.unwrap();
    let set = ["set", "wiki", "--name=Our wiki", "--scope=challenges"];
    let rules = service.apps(&set).await.unwrap();
    for part in [
        "Our wiki",
        "scopes           challenges",
        "example.org:8443",
        "15 s",
    ] {
        assert!(rules.contains(part), "{rules}");
    }
}
