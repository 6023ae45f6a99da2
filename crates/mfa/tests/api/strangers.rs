//! Strangers at the door: mails about locks and new browsers, work for those who stuff.

use std::time::Duration;

use protocol::mfa::Puzzle;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::harness::{PASSWORD, Reply, Service, other_than};

async fn count(service: &Service, action: &str) -> i64 {
    sqlx::query_scalar("select count(*) from audit where action = $1")
        .bind(action)
        .fetch_one(&service.database.pool)
        .await
        .unwrap()
}

async fn kinds(service: &Service) -> Vec<&'static str> {
    service.mails().await.iter().map(|mail| mail.kind).collect()
}

fn solve(puzzle: &Puzzle) -> String {
    let zeros = |solution: &str| {
        let digest = Sha256::digest(format!("{}:{solution}", puzzle.nonce));
        u128::from_be_bytes(digest[..16].try_into().unwrap()).leading_zeros()
    };
    (0_u64..)
        .map(|number| number.to_string())
        .find(|solution| zeros(solution) >= puzzle.bits)
        .unwrap()
}

async fn login_with(service: &Service, address: &str, name: &str, extra: Value) -> Reply {
    let mut body = json!({"identifier": name, "password": PASSWORD, "client_ip": address});
    for (key, value) in extra.as_object().unwrap() {
        body[key] = value.clone();
    }
    service.post("/v1/logins", body).await
}

#[tokio::test]
async fn rule_16_a_lock_is_told_once_until_somebody_gets_in() {
    let service = Service::start().await;
    service.plain_member("ann").await;
    let fail = async |times: usize| {
        for _ in 0..times {
            service
                .login_from("203.0.113.5", "ann", "not the password")
                .await;
        }
    };
    fail(10).await;
    assert!(
        kinds(&service).await.is_empty(),
        "the tenth locks, nobody was refused yet"
    );
    fail(3).await;
    let mails = service.mails().await;
    assert_eq!((mails.len(), mails[0].kind), (1, "locked"));
    assert!(mails[0].text.contains("203.0.113.5"), "{}", mails[0].text);
    assert_eq!(count(&service, "lock").await, 1);
    // From their usual place they get in; that ends the episode.
    assert_eq!(service.login("ann", PASSWORD).await.status, 200);
    fail(2).await;
    assert_eq!(kinds(&service).await, ["locked"]);
    // Enough is enough for a day.
    for _ in 0..3 {
        service.login("ann", PASSWORD).await;
        fail(1).await;
    }
    assert_eq!(kinds(&service).await, ["locked"]);
}

#[tokio::test]
async fn rule_16_locks_of_second_factors_are_told_and_of_nobody_to_nobody() {
    let service = Service::start().await;
    let person = service.member("ann").await;
    let challenge = service.challenge(&person).await;
    for _ in 0..7 {
        let wrong = other_than(&service.totp(&person));
        service.answer(&challenge, "totp", &wrong).await;
    }
    assert_eq!(kinds(&service).await, ["locked"]);
    let (factor, owned): (String, bool) =
        sqlx::query_as("select factor, account_id is not null from audit where action = 'lock'")
            .fetch_one(&service.database.pool)
            .await
            .unwrap();
    assert_eq!((&*factor, owned), ("totp", true));
    for _ in 0..12 {
        service.login("nobody", "not the password").await;
    }
    assert!(kinds(&service).await.is_empty());
    assert_eq!(count(&service, "lock").await, 2);
}

#[tokio::test]
async fn rule_16_a_sign_in_from_a_new_browser_is_told() {
    let service = Service::start().await;
    service.plain_member("ann").await;
    let from = async |agent: &str| {
        let extra = json!({"client_agent": agent});
        let reply = login_with(&service, "192.0.2.1", "ann", extra).await;
        assert_eq!(reply.status, 200, "{reply:?}");
        kinds(&service).await
    };
    assert!(
        from("first").await.is_empty(),
        "there was no other to be new beside"
    );
    assert!(from("first").await.is_empty());
    assert_eq!(from("second").await, ["new_browser"]);
    assert!(from("second").await.is_empty());
    assert_eq!(service.login("ann", PASSWORD).await.status, 200);
    assert!(kinds(&service).await.is_empty(), "none was named");
    // With a second factor only the whole sign-in counts.
    let person = service.member("bob").await;
    service.mails().await;
    for (agent, expected) in [("one", &[][..]), ("two", &["new_browser"])] {
        let extra = json!({"client_agent": agent});
        let reply = login_with(&service, "192.0.2.1", "bob", extra).await;
        let challenge = reply.text("challenge_id");
        assert!(kinds(&service).await.is_empty());
        let code = service.totp(&person);
        assert_eq!(service.answer(&challenge, "totp", &code).await.status, 200);
        assert_eq!(kinds(&service).await, expected);
        service.next_step();
    }
    assert_eq!(count(&service, "new_browser").await, 2);
    let long = json!({"client_agent": "x".repeat(512)});
    assert_eq!(
        login_with(&service, "192.0.2.1", "ann", long).await.status,
        200
    );
    for wrong in ["x".repeat(513), "a\nb".to_owned(), " ".to_owned()] {
        let extra = json!({"client_agent": wrong});
        let reply = login_with(&service, "192.0.2.1", "ann", extra).await;
        reply.refused(422, "invalid-body");
    }
}

#[tokio::test]
async fn rule_18_many_names_from_one_address_have_to_work() {
    let service = Service::start().await;
    service.plain_member("ann").await;
    for name in 0..29 {
        // Another password each: only the address is suspicious.
        let (name, password) = (format!("name{name}"), format!("wrong number {name}"));
        let reply = service.login_from("203.0.113.5", &name, &password).await;
        reply.refused(401, "invalid-credentials");
    }
    let login = login_with(&service, "203.0.113.5", "ann", json!({})).await;
    assert_eq!(login.status, 200, "29 are fine");
    assert_eq!(count(&service, "credential_stuffing").await, 0);
    let last = service
        .login_from("203.0.113.5", "name29", "wrong number 29")
        .await;
    last.refused(401, "invalid-credentials");
    assert_eq!(count(&service, "credential_stuffing").await, 1);
    let problem = login_with(&service, "203.0.113.5", "ann", json!({}))
        .await
        .refused(403, "proof-required");
    let puzzle: Puzzle = problem.member("puzzle").unwrap();
    // The victims notice nothing.
    assert_eq!(service.login("ann", PASSWORD).await.status, 200);
    assert!(service.mails().await.is_empty());

    let work =
        |nonce: &str, solution: &str| json!({"work": {"nonce": nonce, "solution": solution}});
    let solution = solve(&puzzle);
    for wrong in [
        work(&puzzle.nonce, "not it"),
        work("made up", &solution),
        work(&puzzle.nonce, &"0".repeat(65)),
    ] {
        login_with(&service, "203.0.113.5", "ann", wrong)
            .await
            .refused(403, "proof-required");
    }
    let worked = work(&puzzle.nonce, &solution);
    let reply = login_with(&service, "203.0.113.5", "ann", worked.clone()).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    let again = login_with(&service, "203.0.113.5", "ann", worked).await;
    let problem = again.refused(403, "proof-required");
    // Too late is too late.
    let puzzle: Puzzle = problem.member("puzzle").unwrap();
    let late = work(&puzzle.nonce, &solve(&puzzle));
    service.clock.advance(Duration::from_secs(301));
    login_with(&service, "203.0.113.5", "ann", late)
        .await
        .refused(403, "proof-required");
    service.clock.advance(Duration::from_secs(300));
    let calm = login_with(&service, "203.0.113.5", "ann", json!({})).await;
    assert_eq!(calm.status, 200, "it has passed");
}

#[tokio::test]
async fn rule_18_one_password_at_many_names_has_to_work() {
    let service = Service::start().await;
    // Early in an hour: digests change with it.
    let into = service.unix() % 3_600;
    service.clock.advance(Duration::from_secs(3_601 - into));
    service.plain_member("ann").await;
    let spray = async |name: u32, password: &str| {
        let address = format!("203.0.113.{}", name % 250);
        service
            .login_from(&address, &format!("name{name}"), password)
            .await
    };
    for name in 0..20 {
        // Twice at a name is one name.
        spray(name, "Summer of 2026!")
            .await
            .refused(401, "invalid-credentials");
        if name < 19 {
            spray(name, "Summer of 2026!")
                .await
                .refused(401, "invalid-credentials");
        }
    }
    spray(21, "Summer of 2026!")
        .await
        .refused(403, "proof-required");
    spray(21, "Another one of 2026!")
        .await
        .refused(401, "invalid-credentials");
    assert_eq!(
        service.login("ann", PASSWORD).await.status,
        200,
        "other passwords are free"
    );
    assert_eq!(count(&service, "credential_stuffing").await, 1);
    let rows: Vec<(Vec<u8>, Vec<u8>)> = sqlx::query_as("select sign, name from stuffing")
        .fetch_all(&service.database.pool)
        .await
        .unwrap();
    assert!(
        rows.iter()
            .all(|(sign, name)| sign.len() == 32 && name.len() == 32)
    );
    service.clock.advance(Duration::from_secs(3_600));
    spray(21, "Summer of 2026!")
        .await
        .refused(401, "invalid-credentials");
    mfa::keep_house(&service.app).await.unwrap();
    let left: i64 = sqlx::query_scalar("select count(*) from stuffing")
        .fetch_one(&service.database.pool)
        .await
        .unwrap();
    assert!(
        left < 10,
        "{left} left: what is an hour old is worth nothing"
    );
}
