//! Sealing keys and signing keys: in use, and taking turns.

use std::time::Duration;

use http::{Method, Request, header};
use mfa::{
    arguments::Keys,
    commands::keys_command,
    keys::{self, reseal},
    vault::Vault,
};
use serde_json::json;

use crate::harness::{PASSWORD, Person, Reply, SECRET_KEY, Service, peer};

const NEW: &str = "the next key, as long as the former one";

fn vault(lines: &str) -> Vault {
    Vault::new(lines.as_bytes()).unwrap()
}

async fn enters(service: &Service, person: &Person, method: &str, code: &str) -> Reply {
    let challenge = service.challenge(person).await;
    service.answer(&challenge, method, code).await
}

/// Values in the whole database that begin as those that a key sealed.
async fn sealed_by(service: &Service, key: &Vault) -> i64 {
    let pool = &service.database.pool;
    let columns: Vec<(String, String)> = sqlx::query_as(
        "select table_name::text, column_name::text from information_schema.columns
         where table_schema = 'public' and data_type = 'bytea'",
    )
    .fetch_all(pool)
    .await
    .unwrap();
    assert!(columns.len() > 15);
    let mut found = 0;
    for (table, column) in columns {
        let sql =
            format!("select count(*) from {table} where substring({column} from 2 for 8) = $1");
        let count: i64 = sqlx::query_scalar(sqlx::AssertSqlSafe(sql))
            .bind(key.active_id())
            .fetch_one(pool)
            .await
            .unwrap();
        found += count;
    }
    found
}

#[tokio::test]
async fn rule_07_a_secret_moved_to_another_row_does_not_open() {
    let service = Service::start().await;
    let ann = service.member("ann").await;
    let bob = service.member("bob").await;
    sqlx::query(
        "update factors f set secret = o.secret from factors o where o.account_id <> f.account_id",
    )
    .execute(&service.database.pool)
    .await
    .unwrap();
    for (person, other) in [(&ann, &bob), (&bob, &ann)] {
        for secret in [person, other] {
            let code = service.totp(secret);
            enters(&service, person, "totp", &code)
                .await
                .refused(503, "unavailable");
        }
    }
}

#[tokio::test]
async fn rule_07_sealing_keys_rotate_while_nodes_run() {
    let service = Service::start().await;
    let ann = service.member("ann").await;
    let request = || {
        let body = json!({"email": "bob@example.org", "password": PASSWORD, "factor": "totp"});
        Request::post("/v1/accounts")
            .header(header::CONTENT_TYPE, "application/json")
            .header("idempotency-key", "sign-up of bob")
            .extension(peer(&["spiffe://snug/chat"]))
            .body(axum::body::Body::from(body.to_string()))
            .unwrap()
    };
    // First every node learns the new key, then one after the other seals with it.
    let learned = service.node(Some(&format!("{SECRET_KEY}\n{NEW}"))).await;
    let sealing = service.node(Some(&format!("{NEW}\n{SECRET_KEY}"))).await;
    let bea = sealing.member("bea").await;
    let first = service.send(request()).await;
    assert_eq!(first.status, 201, "{first:?}");
    let old = vault(SECRET_KEY);
    assert!(sealed_by(&service, &old).await > 3);

    let ring = vault(&format!("{NEW}\n{SECRET_KEY}"));
    let mut lines = Vec::new();
    let pool = &service.database.pool;
    let done = reseal::run(pool, &ring, |line| lines.push(line))
        .await
        .unwrap();
    assert!(done >= 5, "{done} {lines:?}");
    assert!(lines.len() >= 2, "{lines:?}");
    assert_eq!(sealed_by(&service, &old).await, 0);
    let again = reseal::run(pool, &ring, |_| {}).await.unwrap();
    assert_eq!(again, 0);

    // What was sealed or hashed before works on every node, and without the old key.
    let alone = service.node(Some(NEW)).await;
    let mut codes = ann.recovery_codes.iter();
    for node in [&learned, &sealing, &alone] {
        let code = node.totp(&ann);
        assert_eq!(enters(node, &ann, "totp", &code).await.status, 200);
        let code = codes.next().unwrap();
        assert_eq!(enters(node, &ann, "recovery", code).await.status, 200);
        let code = node.totp(&bea);
        assert_eq!(enters(node, &bea, "totp", &code).await.status, 200);
        node.next_step();
        let replayed = node.send(request()).await;
        assert_eq!(replayed.body, first.body);
    }
    let sent = alone.mails().await;
    assert!(sent.iter().any(|mail| mail.to == "bob@example.org"));
    let mut config = crate::harness::config(&service.database.url, &[]);
    config.secret_key = Some(SECRET_KEY.into());
    let stop = tokio_util::sync::CancellationToken::new();
    let refused = mfa::open(&config, pool.clone(), service.clock.clone(), &stop).await;
    assert!(refused.is_err(), "the old key alone opens nothing any more");
}

#[tokio::test]
async fn rule_07_a_key_that_rows_need_is_told_of() {
    let service = Service::start().await;
    service.member("ann").await;
    let pool = &service.database.pool;
    let ring = vault(&format!("{NEW}\n{SECRET_KEY}"));
    let now = service.clock.now().unwrap();
    let told = keys::status(pool, &ring, now).await.unwrap();
    let told = serde_json::to_value(&told).unwrap();
    assert_eq!(
        (&told["opens"], &told["sealing"][0]["values"]),
        (&json!(true), &json!(0))
    );
    assert_eq!(told["sealing"][1]["state"], "opens");
    assert_eq!(told["signing"][0]["state"], "signs");
    let text = keys_command(pool, &vault(NEW), &Keys::Status { json: false })
        .await
        .unwrap();
    assert!(
        text.contains("DOES NOT OPEN") && text.contains("missing"),
        "{text}"
    );
    let error = reseal::run(pool, &vault(NEW), |_| {}).await.unwrap_err();
    assert!(error.to_string().contains("SECRET_KEY"), "{error:#}");
}

async fn published(node: &Service) -> Vec<String> {
    let path = "/.well-known/jwks.json";
    let reply = node
        .ask("nobody", "192.0.2.1", Method::GET, path, None)
        .await;
    let keys = reply.body["keys"].as_array().unwrap().clone();
    keys.iter()
        .map(|key| key["kid"].as_str().unwrap().to_owned())
        .collect()
}

fn kid(assertion: &str) -> String {
    jsonwebtoken::decode_header(assertion).unwrap().kid.unwrap()
}

/// An assertion of one node, and whether another one takes it as fresh.
async fn across(from: &Service, to: &Service, person: &Person) -> (String, u16) {
    let code = from.totp(person);
    let answered = enters(from, person, "totp", &code).await;
    from.next_step();
    let assertion = answered.text("assertion");
    let path = format!("/v1/accounts/{}/recovery-codes", person.id);
    let headers = [("x-assertion", &*assertion)];
    let reply = to
        .ask_with("chat", &headers, Method::POST, &path, None)
        .await;
    (kid(&assertion), reply.status)
}

#[tokio::test]
async fn rule_12_signing_keys_take_turns_on_two_nodes() {
    let one = Service::start().await;
    let ann = one.member("ann").await;
    let two = one.node(None).await;
    let first = published(&one).await;
    assert_eq!((first.len(), published(&two).await), (1, first.clone()));

    one.clock.advance(Duration::from_secs(30 * 86_400));
    mfa::keep_house(&one.app).await.unwrap();
    let both = published(&two).await;
    assert_eq!(both.len(), 2, "published before it signs");
    mfa::keep_house(&two.app).await.unwrap();
    assert_eq!(published(&one).await, both, "made once");
    assert_eq!(across(&one, &two, &ann).await, (first[0].clone(), 201));

    one.clock.advance(Duration::from_secs(600));
    assert_eq!(across(&two, &one, &ann).await, (both[0].clone(), 201));
    assert_eq!(across(&one, &two, &ann).await, (both[0].clone(), 201));
    assert_eq!(
        published(&one).await.len(),
        2,
        "the former one is still asked for"
    );

    one.clock.advance(Duration::from_secs(3_600));
    for node in [&one, &two] {
        mfa::keep_house(&node.app).await.unwrap();
        assert_eq!(published(node).await, both[..1]);
    }
    assert_eq!(across(&two, &one, &ann).await, (both[0].clone(), 201));
}

#[tokio::test]
async fn rule_12_a_stolen_signing_key_is_void_at_once() {
    let service = Service::start().await;
    let ann = service.member("ann").await;
    let first = published(&service).await;
    let now = service.clock.now().unwrap();
    let pool = &service.database.pool;
    let told = keys::renew(pool, &vault(SECRET_KEY), false, now)
        .await
        .unwrap();
    assert!(told.contains("10 minutes"), "{told}");
    assert_eq!(published(&service).await.len(), 2);
    assert_eq!(across(&service, &service, &ann).await.1, 201);

    let code = service.totp(&ann);
    let stolen = enters(&service, &ann, "totp", &code)
        .await
        .text("assertion");
    let now = service.clock.now().unwrap();
    keys::renew(pool, &vault(SECRET_KEY), true, now)
        .await
        .unwrap();
    mfa::keep_house(&service.app).await.unwrap();
    assert!(!published(&service).await.contains(&first[0]));
    let path = format!("/v1/accounts/{}/recovery-codes", ann.id);
    let headers = [("x-assertion", &*stolen)];
    let reply = service
        .ask_with("chat", &headers, Method::POST, &path, None)
        .await;
    reply.refused(403, "step-up-required");
    service.next_step();
    assert_eq!(across(&service, &service, &ann).await.1, 201);
}
