//! The OpenAPI document: whole, sound, and served with a page to read it.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::{harness::Service, sample};

/// Every operation of the document: method, path, description.
pub fn operations(document: &Value) -> Vec<(String, String, Value)> {
    let mut all = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            all.push((method.clone(), path.clone(), operation.clone()));
        }
    }
    all
}

#[tokio::test]
async fn the_document_and_its_page_are_open_to_all() {
    let service = Service::start().await;
    let fetch = |path: &str| {
        let request = http::Request::get(path).body(axum::body::Body::empty());
        service.send(request.unwrap())
    };
    let reply = fetch("/openapi.json").await;
    assert_eq!(reply.status, 200);
    assert_eq!(reply.body, mfa::document().unwrap());
    assert_eq!(fetch("/docs").await.status, 303);
    let page = fetch("/docs/").await;
    assert_eq!(page.status, 200);
    let policy = page.headers["content-security-policy"].to_str().unwrap();
    assert!(policy.contains("default-src 'none'"), "{policy}");
}

#[test]
fn no_route_goes_without_a_description() {
    let page = include_str!("../../src/router.rs");
    assert!(!page.contains(".route("), "use .routes(routes!(…))");
    let routed: usize = page
        .split("routes!(")
        .skip(1)
        .map(|rest| rest.split(')').next().unwrap().split(',').count())
        .sum();
    let all = operations(&mfa::document().unwrap());
    assert_eq!(all.len(), routed);
    let mut ids = BTreeSet::new();
    for (method, path, operation) in &all {
        let id = operation["operationId"].as_str().unwrap();
        assert!(ids.insert(id.to_owned()), "{id} twice");
        assert!(id != "handle", "{method} {path}: say operation_id");
        let summary = operation["summary"].as_str().unwrap_or_default();
        assert!(!summary.is_empty(), "{method} {path}: no summary");
        let open = operation["tags"][0] == "service";
        assert_eq!(operation["security"].is_null(), open, "{method} {path}");
        let alias = operation["tags"][0] == "aliases";
        assert_eq!(operation["deprecated"] == true, alias, "{method} {path}");
        assert_eq!(path.starts_with("/v1/"), !open && !alias, "{path}");
    }
}

#[test]
fn every_reference_leads_somewhere() {
    let document = mfa::document().unwrap();
    let mut references = BTreeSet::new();
    collect(&document, &mut references);
    assert!(references.len() > 20);
    for reference in references {
        let pointer = reference.strip_prefix('#').unwrap();
        assert!(document.pointer(pointer).is_some(), "{reference}");
    }
    let tags: Vec<&Value> = document["tags"].as_array().unwrap().iter().collect();
    for (_, path, operation) in operations(&document) {
        let tag = &operation["tags"][0];
        assert!(tags.iter().any(|one| &one["name"] == tag), "{path}: {tag}");
    }
}

fn collect(value: &Value, references: &mut BTreeSet<String>) {
    match value {
        Value::Object(all) => {
            if let Some(reference) = all.get("$ref").and_then(Value::as_str) {
                references.insert(reference.to_owned());
            }
            all.values().for_each(|one| collect(one, references));
        }
        Value::Array(all) => all.iter().for_each(|one| collect(one, references)),
        _ => {}
    }
}

#[tokio::test]
async fn examples_are_requests_that_fit() {
    let service = Service::start().await;
    let person = service.plain_member("bob").await;
    sqlx::query("update apps set rp_id = 'example.org', origins = '{}'")
        .execute(&service.database.pool)
        .await
        .unwrap();
    let login = service.post("/v1/passkey-logins", json!({})).await;
    let login = login.text("login_id");
    let path = "/v1/challenges";
    let body = json!({"account_id": person.id, "purpose": "example"});
    let challenge = service.post(path, body).await.text("challenge_id");
    let mut sent = 0;
    for (method, path, operation) in operations(&service.app.document) {
        let Some(mut body) = sample::example(&service.app.document, &operation) else {
            continue;
        };
        if body["account_id"].is_string() {
            body["account_id"] = json!(person.id);
        }
        let id = if path.starts_with("/v1/challenges") {
            &challenge
        } else if path.starts_with("/v1/passkey-logins") {
            &login
        } else {
            &person.id
        };
        let full = path.replace("{id}", id).replace("{factor_id}", id);
        let method = http::Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
        let reply = service
            .ask("chat", "192.0.2.1", method, &full, Some(&body))
            .await;
        let unfit = ["malformed-json", "invalid-body", "unsupported-media-type"];
        assert!(!unfit.contains(&&*reply.code()), "{path} {body} {reply:?}");
        sent += 1;
    }
    assert!(sent >= 15, "{sent}");
}

#[tokio::test]
async fn the_page_to_try_is_served_on_demand_and_loads_nothing_else() {
    let ask = async |service: &Service, path: &str| {
        let request = http::Request::get(path).body(axum::body::Body::empty());
        service.send(request.unwrap()).await
    };
    let quiet = Service::start().await;
    assert_eq!(ask(&quiet, "/try").await.status, 404);
    let service = Service::with_flags(&["--try-page"]).await;
    for path in ["/try", "/try/page.css", "/try/page.js"] {
        let reply = ask(&service, path).await;
        assert_eq!(reply.status, 200, "{path}");
        let policy = reply.headers["content-security-policy"].to_str().unwrap();
        assert!(!policy.contains("unsafe"), "{policy}");
        assert!(!policy.contains("http"), "{policy}");
    }
}
