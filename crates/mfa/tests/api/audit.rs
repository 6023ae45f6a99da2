//! The audit trail: asked for in pages, handed out, and every way to tamper with it found.

use mfa::commands::{export_audit, verify_against, verify_audit};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::harness::{Reply, Service};

async fn start() -> Service {
    let service = Service::start().await;
    sqlx::query("update apps set scopes = scopes || '{admin}'::text[]")
        .execute(&service.database.pool)
        .await
        .unwrap();
    service
}

/// A service whose trail has seven entries of chat, and one of shop.
async fn with_history() -> Service {
    let service = start().await;
    let person = service.member("ann").await;
    service.login("ann", "not the password").await;
    let challenge = service.challenge(&person).await;
    service.answer(&challenge, "totp", "000-0").await;
    let code = service.totp(&person);
    assert_eq!(service.answer(&challenge, "totp", &code).await.status, 200);
    let body = serde_json::json!({"identifier": "ann", "password": "x"});
    let method = http::Method::POST;
    service
        .ask("shop", "192.0.2.9", method, "/v1/logins", Some(&body))
        .await;
    service
}

fn seqs(reply: &Reply) -> Vec<i64> {
    assert_eq!(reply.status, 200, "{reply:?}");
    let entries = reply.body["entries"].as_array().unwrap();
    entries
        .iter()
        .map(|entry| entry["seq"].as_i64().unwrap())
        .collect()
}

async fn export(service: &Service) -> String {
    let mut out = Vec::new();
    export_audit(&service.database.pool, None, &mut out)
        .await
        .unwrap();
    String::from_utf8(out).unwrap()
}

async fn tamper(service: &Service, sql: &'static str) {
    for statement in sql.split(';') {
        sqlx::query(statement)
            .execute(&service.database.pool)
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn rule_14_the_trail_comes_in_pages_and_by_account_action_and_time() {
    let service = with_history().await;
    let page = async |query: &str| service.get(&format!("/v1/audit{query}")).await;
    let all = page("").await;
    assert_eq!(seqs(&all), [7, 6, 5, 4, 3, 2, 1]);
    assert!(all.body["next"].is_null());
    let newest = &all.body["entries"][0];
    assert_eq!(
        (&newest["action"], &newest["factor"], &newest["result"]),
        (&"verify".into(), &"totp".into(), &"ok".into())
    );
    assert_eq!(newest["address"], "192.0.2.1");
    let first = page("?limit=3").await;
    assert_eq!(
        (seqs(&first), &first.body["next"]),
        (vec![7, 6, 5], &5.into())
    );
    let second = page("?limit=3&before=5").await;
    assert_eq!(seqs(&second), [4, 3, 2]);
    assert_eq!(seqs(&page("?limit=3&before=2").await), [1]);
    assert_eq!(seqs(&page("?action=login").await), [5, 4]);
    assert!(seqs(&page("?action=login%00").await).is_empty());
    let account = newest["account_id"].as_str().unwrap();
    assert_eq!(
        seqs(&page(&format!("?account_id={account}")).await),
        [7, 6, 5, 3, 2, 1]
    );
    let at = |entry: usize| all.body["entries"][entry]["at"].as_str().unwrap();
    let between = format!("?from={}&until={}", at(4), at(1));
    assert_eq!(seqs(&page(&between).await), [5, 4, 3]);
    for edge in ["?limit=1", "?limit=200"] {
        assert_eq!(page(edge).await.status, 200, "{edge}");
    }
    for wrong in [
        "?limit=0",
        "?limit=201",
        "?limit=x",
        "?from=yesterday",
        "?colour=red",
    ] {
        page(wrong).await.refused(422, "invalid-body");
    }
    // Another application sees its own.
    let method = http::Method::GET;
    let other = format!("/v1/audit?account_id={account}");
    assert!(
        seqs(
            &service
                .ask("shop", "192.0.2.1", method.clone(), &other, None)
                .await
        )
        .is_empty()
    );
    let own = service
        .ask("shop", "192.0.2.1", method, "/v1/audit", None)
        .await;
    assert_eq!(own.body["entries"][0]["address"], "192.0.2.9");
}

#[tokio::test]
async fn rule_14_an_export_is_checked_without_us() {
    let service = with_history().await;
    let export = export(&service).await;
    // What anybody can do with the lines: chain the hashes, compare the ends.
    let mut chains = std::collections::BTreeMap::<String, (i64, Vec<u8>)>::new();
    let mut ends = 0;
    for line in export.lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        let chain = chains
            .entry(line["app"].as_str().unwrap().to_owned())
            .or_default();
        if let Some(head) = line["head"].as_i64() {
            assert_eq!(
                (head, line["hash"].as_str().unwrap()),
                (chain.0, &*hex(&chain.1))
            );
            ends += 1;
            continue;
        }
        let hashed = line["hashed"].as_str().unwrap();
        let hash = Sha256::digest([&chain.1, hashed.as_bytes()].concat()).to_vec();
        assert_eq!(line["hash"], *hex(&hash));
        let fields: Vec<Value> = serde_json::from_str(hashed).unwrap();
        assert_eq!((fields[1].as_i64(), fields.len()), (Some(chain.0 + 1), 9));
        *chain = (chain.0 + 1, hash);
    }
    assert_eq!((ends, chains["chat"].0, chains["shop"].0), (2, 7, 1));
    let said = verify_audit(&service.database.pool).await.unwrap();
    let end = hex(&chains["chat"].1);
    assert!(
        said.contains(&format!("chat: whole, 7 entries, the last is {end}")),
        "{said}"
    );
    let mut out = Vec::new();
    let none = export_audit(&service.database.pool, Some("nobody"), &mut out).await;
    assert!(none.is_err());
    export_audit(&service.database.pool, Some("shop"), &mut out)
        .await
        .unwrap();
    assert_eq!(out.iter().filter(|byte| **byte == b'\n').count(), 2);
}

#[tokio::test]
async fn rule_14_a_changed_deleted_moved_or_added_entry_is_found() {
    for (what, sql, found) in [
        ("changed", "update audit set result = 'ok' where seq = 4", 4),
        (
            "another address",
            "update audit set address = '192.0.2.7' where seq = 1",
            1,
        ),
        ("deleted", "delete from audit where seq = 5", 6),
        ("the first deleted", "delete from audit where seq = 1", 2),
        (
            "reordered",
            "update audit set seq = -2 where seq = 2; update audit set seq = 2 where seq = 3; \
             update audit set seq = 3 where seq = -2",
            2,
        ),
        (
            "deleted and closed up",
            "delete from audit where seq = 4; update audit set seq = 4 where seq = 5; \
             update audit set seq = 5 where seq = 6; update audit set seq = 6 where seq = 7",
            4,
        ),
        ("cut off", "delete from audit where seq >= 6", 7),
        (
            "added",
            "insert into audit select app_id, 8, at, account_id, action, factor, result, address, \
             request_id, sha256(hash) from audit where seq = 7",
            8,
        ),
    ] {
        let service = with_history().await;
        // Only chat's rows: shop's single entry stays as it is.
        let sql: String = sql
            .split(';')
            .map(|one| format!("{one} and app_id = (select id from apps where client_id = 'chat')"))
            .collect::<Vec<_>>()
            .join(";");
        for statement in sql.split(';') {
            sqlx::query(sqlx::AssertSqlSafe(statement.to_owned()))
                .execute(&service.database.pool)
                .await
                .unwrap();
        }
        let error = verify_audit(&service.database.pool)
            .await
            .unwrap_err()
            .to_string();
        assert_eq!(
            error,
            format!("the audit trail of chat is broken at entry {found}"),
            "{what}"
        );
    }
}

#[tokio::test]
async fn rule_14_a_trail_that_was_cut_off_and_mended_is_found_by_an_earlier_export() {
    let service = with_history().await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("audit.jsonl");
    std::fs::write(&file, export(&service).await).unwrap();
    let pool = &service.database.pool;
    service.login("ann", "wrong again").await;
    let said = verify_against(pool, &file).await.unwrap();
    assert!(said.contains("chat: holds entry 7 of the export"), "{said}");

    tamper(
        &service,
        "delete from audit where seq >= 6; \
         update audit_heads h set seq = 5, hash = (select hash from audit a \
             where a.app_id = h.app_id and a.seq = 5) where seq > 5",
    )
    .await;
    verify_audit(pool).await.expect("whole by itself");
    let error = verify_against(pool, &file).await.unwrap_err().to_string();
    assert!(
        error.contains("does not hold entry 7 of the export"),
        "{error}"
    );
    // Filled up again with other entries: the number is there, the hash is not.
    for _ in 0..3 {
        service.login("ann", "wrong once more").await;
    }
    verify_audit(pool).await.unwrap();
    assert!(verify_against(pool, &file).await.is_err());
    std::fs::write(&file, "not json").unwrap();
    assert!(verify_against(pool, &file).await.is_err());
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
